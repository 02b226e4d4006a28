"""Pictures as people have them, made into what every browser, mail program and PDF shows alike."""

from io import BytesIO

from PIL import ImageCms, ImageOps

SRGB = ImageCms.createProfile("sRGB")
FEW_COLOURS = ("1", "P", "PA")
DEEP = ("I", "I;16", "I;16B", "I;16L", "I;16N", "F")
WHITE = (1, 255, 65_535)  # of files that count in fractions, in bytes, in pairs of bytes
SHARP = ("PNG", "GIF")  # kinds for what was drawn; all others are for what was photographed


def simplify_picture(image, *, longest=None):
    """Eight bits of red, green and blue (and transparency where there is some), upright, without metadata.

    Colours are those that its profile means. Of a moving picture the first frame is left. `longest` bounds both sides,
    in pixels. Raises whatever Pillow's decoders raise.
    """
    image = _in_steps(image)
    if longest:
        gap = None if image.mode in DEEP else 2.0  # Pillow halves no deep picture on the way
        image.thumbnail((longest, longest), reducing_gap=gap)
    image.load()
    return _without_notes(_in_srgb(_upright(_in_eight_bits(image))))


def write_picture(image, kind):
    """Returns bytes and suffix. `kind` is Pillow's name of the format that it came in."""
    data = BytesIO()
    if image.mode == "RGBA" or kind in SHARP:
        image.save(data, "PNG", compress_level=3)
        return data.getvalue(), ".png"
    image.save(data, "JPEG", quality=92, subsampling=0, optimize=True)
    return data.getvalue(), ".jpg"


def _in_steps(image):
    if image.mode in FEW_COLOURS or (image.mode in ("L", "RGB") and "transparency" in image.info):
        return image.convert("RGBA" if image.has_transparency_data else "RGB")
    return image


def _in_eight_bits(image):
    """Pillow takes whatever is brighter than 255 for white; here the white of the file becomes ours."""
    if image.mode not in DEEP:
        return image
    white = WHITE[-1] if image.mode.startswith("I;16") else _white_of(image)
    return image.convert("F").point(lambda dot: dot * (255 / white)).convert("L")


def _white_of(image):
    brightest = image.getextrema()[1]
    return next((white for white in WHITE if brightest <= white), brightest)


def _upright(image):
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # noqa: BLE001 - notes of the camera that nobody can read turn nothing
        return image


def _in_srgb(image):
    mode = "RGBA" if image.has_transparency_data else "RGB"
    profile = image.info.get("icc_profile")
    if profile and image.mode != "LA":
        try:
            meant = ImageCms.ImageCmsProfile(BytesIO(profile))
            return ImageCms.profileToProfile(image, meant, SRGB, outputMode=mode)
        except (ImageCms.PyCMSError, OSError, ValueError):  # a profile that is broken, or of another kind of picture
            pass
    return image.convert(mode)


def _without_notes(image):
    if image.mode == "RGBA" and image.getextrema()[3][0] == 255:
        image = image.convert("RGB")
    plain = image.copy()
    plain.info = {}
    return plain
