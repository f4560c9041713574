"""Picture storage factory: a folder of DATA_DIR, or the bucket that PICTURES_URL names."""

from __future__ import annotations

from domain.settings.settings import Settings
from storage.files import Files
from storage.folder import Folder


def picture_files(settings: Settings) -> Files:
    if not settings.pictures_url:
        return Files(Folder(settings.data_dir / "pictures"))
    from storage.bucket import Bucket  # late, since it takes 16 MB

    return Files(
        Bucket(
            settings.pictures_url,
            endpoint=settings.aws_endpoint_url,
            region=settings.aws_region,
            key_id=settings.aws_access_key_id,
            secret=settings.aws_secret_access_key.get_secret_value(),
        )
    )
