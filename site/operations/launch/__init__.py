"""May this site go live? Each check asks one thing of the running system; `report.run_checks` asks them all."""
