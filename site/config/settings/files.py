"""Static files, media, backups, and where each is kept."""

from config import env
from config.paths import BASE_DIR, VAR_DIR

STATIC_URL = env.folder_address("STATIC_URL", default="/static/")
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Media: on the disk, or in a bucket that the site reads for its visitors unless the bucket has an address of its own
MEDIA_ROOT = VAR_DIR / "media"
S3_BUCKET = env.text("S3_BUCKET", default="")
S3_ENDPOINT_URL = env.url("S3_ENDPOINT_URL", default="")
S3_REGION = env.text("S3_REGION", default="")
S3_ACCESS_KEY_ID = env.text("S3_ACCESS_KEY_ID", default="")
S3_SECRET_ACCESS_KEY = env.text("S3_SECRET_ACCESS_KEY", default="")
S3_PUBLIC_URL = env.folder_address("S3_PUBLIC_URL", default="/media/")
MEDIA_URL = S3_PUBLIC_URL if S3_BUCKET else "/media/"
WAGTAILDOCS_SERVE_METHOD = "serve_view"  # wherever the file lies, Wagtail asks who may read its collection
if S3_BUCKET:
    STORAGES["default"] = {
        "BACKEND": "config.media.BucketStorage",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "endpoint_url": S3_ENDPOINT_URL or None,
            "region_name": S3_REGION or None,
            "access_key": S3_ACCESS_KEY_ID or None,
            "secret_key": S3_SECRET_ACCESS_KEY or None,
            "file_overwrite": False,
            "default_acl": None,
            "object_parameters": {"CacheControl": "public, max-age=86400"},
        },
    }

BACKUP_TO = env.place("BACKUP_TO")
BACKUP_RECIPIENT = env.age_recipient("BACKUP_RECIPIENT")
BACKUP_KEEP = env.integer("BACKUP_KEEP", 30, least=1, most=1000)
