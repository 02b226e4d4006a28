"""Posters for the demo, drawn here: flat inks on paper, each in a scene of its own, titles set in the site's faces."""

from demo.posters import day, night, print_shop

SCENES = {
    name: scene for module in (day, night) for name, scene in vars(module).items() if getattr(scene, "is_scene", False)
}


def draw(scene, title, line):
    """The poster as PNG bytes. The same words give the same bytes."""
    sheet = print_shop.Sheet()
    SCENES[scene](sheet, title, line)
    return sheet.png()
