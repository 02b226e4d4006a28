"""Running the site: worker, monitoring, backups, releases, launch check. It sees every app. Read `worker` first."""
