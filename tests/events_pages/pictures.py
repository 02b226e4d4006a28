"""Pictures as people have them, each small, with what must be seen of it: one dot, and which way is up."""

from io import BytesIO

import pillow_heif
from PIL import ExifTags, Image, ImageCms

pillow_heif.register_heif_opener()
SIZE = (80, 100)
RED, BLUE = (255, 0, 0), (0, 0, 255)
GREY = (117, 117, 117)  # 30,000 of 65,535
LENT = b"https://example.je/whose-camera"


def written(image, kind, **options):
    data = BytesIO()
    image.save(data, kind, **options)
    return data.getvalue()


def plain(colour, mode="RGB"):
    return Image.new(mode, SIZE, colour)


def turned():
    """A phone held upright writes a lying picture and says so; where it was taken stands beside."""
    notes = Image.Exif()
    notes[ExifTags.Base.Orientation] = 6
    notes[ExifTags.Base.ImageDescription] = LENT.decode()
    notes.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] = "N"
    lying = Image.new("RGB", (100, 80), "blue")
    lying.paste("red", (0, 40, 100, 80))
    return lying, notes


def palette(**transparent):
    image = plain(0, "P")
    image.putpalette([*RED, *BLUE])
    image.paste(1, (0, 0, 40, 100))
    return written(image, "PNG", **transparent)


def of_other_colours():
    """Its profile says that red is blue."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    parts = profile.partition(b"rXYZ"), b"bXYZ"
    swapped = parts[0][0] + b"bXYZ" + parts[0][2].replace(b"bXYZ", b"rXYZ", 1)
    return written(plain("red"), "PNG", icc_profile=swapped)


def of_photoshop():
    """CMYK under Adobe's marker: its numbers are upside down. Pillow writes as Photoshop does."""
    return written(plain((0, 255, 255, 0), "CMYK"), "JPEG", quality=95)


def of_a_printer():
    """CMYK without that marker, which browsers read the same way."""
    data = of_photoshop()
    start = data.index(b"\xff\xee\x00\x0eAdobe")
    return data[:start] + data[start + 16 :]


def moving(kind):
    return written(plain("red"), kind, save_all=True, append_images=[plain("blue")], duration=100)


def corpus():
    """{name of the file: (its bytes, the dot in the right half)}; all stand upright."""
    lying, notes = turned()
    return {
        "grey-16.png": (written(plain(30_000, "I;16"), "PNG"), GREY),
        "grey.jpg": (written(plain(90, "L"), "JPEG"), (90, 90, 90)),
        "one-bit.png": (written(plain(1, "1"), "PNG"), (255, 255, 255)),
        "grey-and-clear.png": (written(plain((90, 255), "LA"), "PNG"), (90, 90, 90)),
        "palette.png": (palette(), RED),
        "palette-clear.png": (palette(transparency=1), RED),
        "print.jpg": (of_a_printer(), RED),
        "photoshop.jpg": (of_photoshop(), RED),
        "profile.png": (of_other_colours(), BLUE),
        "broken-profile.jpg": (written(plain("red"), "JPEG", icc_profile=b"no profile"), RED),
        "turned.jpg": (written(lying, "JPEG", exif=notes, quality=95, comment=LENT), BLUE),
        "turned.webp": (written(lying, "WEBP", exif=notes, quality=95), BLUE),
        "turned.heic": (written(lying, "HEIF", exif=notes.tobytes(), quality=95), BLUE),
        "turned.avif": (written(lying, "AVIF", exif=turned()[1], quality=95), BLUE),
        "broken-notes.jpg": (written(plain("red"), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\xff\xff"), RED),
        "moving.gif": (moving("GIF"), RED),
        "moving.webp": (moving("WEBP"), RED),
        "moving.png": (moving("PNG"), RED),
        "ultra-hdr.jpg": (moving("MPO"), RED),
        "truth-is.jpg": (written(plain("red"), "PNG"), RED),
        "no-suffix": (written(plain("red"), "WEBP"), RED),
        "programme.php": (written(plain("red"), "JPEG"), RED),
    }


def is_close(dot, wanted, off=12):
    """Within what a lossy kind does to a colour."""
    return all(abs(found - meant) <= off for found, meant in zip(dot, wanted, strict=True))
