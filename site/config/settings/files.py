"""Static files, media, backups, and where each is kept."""

from common import env
from common.env import BASE_DIR, VAR_DIR

STATIC_URL = env.read_folder_address("STATIC_URL", default="/static/")
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_ROOT = BASE_DIR / "static" / "root"  # what browsers ask for at the root: /favicon.ico
# `default` keeps originals and documents and has no public address; pages show what is in `renditions`.
FILES = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
STORAGES = {
    "default": FILES,
    "renditions": FILES,
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WAGTAILIMAGES_RENDITION_STORAGE = "renditions"

# Media: on the disk, or in a bucket that the site reads for its visitors. Pictures may have a second bucket, whose own
# address anybody may read; the first one stays private.
MEDIA_ROOT = VAR_DIR / "media"
S3_BUCKET = env.read_text("S3_BUCKET", default="")
S3_PUBLIC_BUCKET = env.read_text("S3_PUBLIC_BUCKET", default="")
S3_PUBLIC_URL = env.read_folder_address("S3_PUBLIC_URL", default="/media/")
S3_ENDPOINT_URL = env.read_url("S3_ENDPOINT_URL", default="")
S3_REGION = env.read_text("S3_REGION", default="")
S3_ACCESS_KEY_ID = env.read_text("S3_ACCESS_KEY_ID", default="")
S3_SECRET_ACCESS_KEY = env.read_text("S3_SECRET_ACCESS_KEY", default="")
MEDIA_URL = S3_PUBLIC_URL if S3_BUCKET else "/media/"
WAGTAILDOCS_SERVE_METHOD = "serve_view"  # wherever the file lies, Wagtail asks who may read its collection


def bucket_storage(backend, name, keeping):
    """`keeping` is the Cache-Control of each file, for whoever reads the bucket itself."""
    options = {
        "bucket_name": name,
        "endpoint_url": S3_ENDPOINT_URL or None,
        "region_name": S3_REGION or None,
        "access_key": S3_ACCESS_KEY_ID or None,
        "secret_key": S3_SECRET_ACCESS_KEY or None,
        "file_overwrite": False,
        "default_acl": None,
        "object_parameters": {"CacheControl": keeping},
    }
    return {"BACKEND": f"common.files.buckets.{backend}", "OPTIONS": options}


if S3_BUCKET:
    STORAGES["default"] = bucket_storage("PrivateBucket", S3_BUCKET, "private, no-store")
    STORAGES["renditions"] = bucket_storage("PublicBucket", S3_PUBLIC_BUCKET or S3_BUCKET, "public, max-age=86400")

BACKUP_TO = env.read_folder_or_bucket("BACKUP_TO")
BACKUP_RECIPIENT = env.read_age_recipient("BACKUP_RECIPIENT")
BACKUP_KEEP = env.read_integer("BACKUP_KEEP", 30, least=1, most=1000)
