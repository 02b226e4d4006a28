"""Operations: the worker, monitoring, backups, releases and the launch check. It sees every app; none imports it."""
