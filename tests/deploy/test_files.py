"""The files that platforms and servers read: each parsed by its own tool where there is one, in step with the Procfile.

The keys that platforms know are noted here as their references had them in the summer of 2026: Railway's config-as-code
reference, Heroku's app.json schema, the types of DigitalOcean's client library.
"""

import configparser
import json
import os
import re
import shutil
import subprocess
import sys
import warnings

import pytest
import yaml

from common.http import body_sizes
from common.logs.redaction import PLACES
from tests.harness import ROOT, known_variables
from tests.production.front import make_certificate
from tests.production.site import HOST, procfile

RAILWAY = {
    "build": {"builder", "buildCommand", "dockerfilePath", "railpackVersion", "watchPatterns"},
    "deploy": {
        "startCommand", "preDeployCommand", "multiRegionConfig", "healthcheckPath", "healthcheckTimeout",
        "restartPolicyType", "restartPolicyMaxRetries", "cronSchedule", "overlapSeconds", "drainingSeconds",
    },
}  # fmt: skip
HEROKU = {
    "name", "description", "keywords", "website", "repository", "logo", "success_url", "scripts", "env", "formation",
    "addons", "buildpacks", "environments", "stack", "image",
}  # fmt: skip
COMPONENT = {
    "name", "git", "github", "image", "gitlab", "bitbucket", "dockerfile_path", "build_command", "run_command",
    "source_dir", "environment_slug", "envs", "instance_size_slug", "instance_count", "alerts", "log_destinations",
    "termination",
}  # fmt: skip
DIGITALOCEAN = {
    "": {"name", "services", "workers", "jobs", "databases", "domains", "region", "envs", "alerts", "ingress"},
    "services": COMPONENT | {"http_port", "health_check", "liveness_health_check"},
    "workers": COMPONENT | {"liveness_health_check"},
    "jobs": COMPONENT | {"kind", "schedule", "timeout"},
    "databases": {"name", "engine", "version", "size", "num_nodes", "production", "cluster_name", "db_name", "db_user"},
    "envs": {"key", "value", "scope", "type"},
    "health_check": {
        "initial_delay_seconds", "period_seconds", "timeout_seconds", "success_threshold", "failure_threshold",
        "http_path", "port",
    },
}  # fmt: skip
BARE = {name: re.sub(r"^(\[.*?; )?exec ", "", line) for name, line in procfile().items()}
OF_THE_PLATFORMS = {"WEB_CONCURRENCY"}


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


def missing(tool):
    """Says that the file's own tool is not here, so that it is only parsed; True then."""
    if shutil.which(tool):
        return False
    warnings.warn(f"{tool} is not installed: its file is only parsed", stacklevel=2)
    return True


def test_the_procfile_starts_what_the_others_start():
    assert set(BARE) == {"web", "worker", "release"}
    assert BARE["web"] == "gunicorn"
    assert BARE["worker"].startswith("python manage.py run_huey")


@pytest.mark.parametrize("path", ["railway.json", "deploy/railway/worker.json"])
def test_railway_knows_every_key(path):
    config = json.loads(read(path))
    assert set(config) == {"$schema", "build", "deploy"}
    for part, keys in RAILWAY.items():
        assert set(config[part]) <= keys
    assert config["build"]["builder"] in ("RAILPACK", "DOCKERFILE")
    assert config["deploy"]["restartPolicyType"] in ("ON_FAILURE", "ALWAYS", "NEVER")
    assert all(isinstance(value, int) for key, value in config["deploy"].items() if key.endswith("Seconds"))


def test_railway_runs_the_procfile():
    web, worker = json.loads(read("railway.json"))["deploy"], json.loads(read("deploy/railway/worker.json"))["deploy"]
    assert (web["startCommand"], web["preDeployCommand"]) == (BARE["web"], [BARE["release"]])
    assert worker["startCommand"] == BARE["worker"]
    assert "preDeployCommand" not in worker
    assert web["healthcheckPath"] == "/health/"


def test_heroku_knows_every_key_and_the_site_every_variable():
    app = json.loads(read("app.json"))
    assert set(app) <= HEROKU
    assert set(app["formation"]) == {"web", "worker"}
    assert {addon.partition(":")[0] for addon in app["addons"]} == {"heroku-postgresql", "heroku-redis"}
    assert set(app["env"]) <= set(known_variables()) | OF_THE_PLATFORMS
    for facts in app["env"].values():
        assert set(facts) <= {"description", "value", "required", "generator"}
        assert facts.get("generator", "secret") == "secret"
    assert app["env"]["REDIS_VERIFY_TLS"]["value"] == "false"


def test_digitalocean_knows_every_key_and_runs_the_procfile():
    spec = yaml.safe_load(read(".do/app.yaml"))
    assert set(spec) <= DIGITALOCEAN[""]
    for kind in ("services", "workers", "jobs", "databases", "envs"):
        for each in spec[kind]:
            assert set(each) <= DIGITALOCEAN[kind], each
    [web], [worker], [release] = spec["services"], spec["workers"], spec["jobs"]
    assert [each["run_command"] for each in (web, worker, release)] == [BARE["web"], BARE["worker"], BARE["release"]]
    assert release["kind"] == "PRE_DEPLOY"
    for check in ("health_check", "liveness_health_check"):
        assert set(web[check]) <= DIGITALOCEAN["health_check"]
    assert {each["key"] for each in spec["envs"]} <= set(known_variables())
    assert all(each["scope"] in ("RUN_TIME", "RUN_AND_BUILD_TIME") for each in spec["envs"])
    assert {each["engine"] for each in spec["databases"]} == {"PG", "VALKEY"}


def test_platforms_use_the_python_that_the_suite_runs_on():
    wanted = tuple(map(int, read(".python-version").strip().split(".")))
    assert wanted == (3, 11)
    assert sys.version_info >= wanted


def unit(name):
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str
    parser.read_string(read(f"deploy/systemd/{name}.service"))
    return parser


@pytest.mark.parametrize("process", ["web", "worker"])
def test_unit_runs_the_procfile_and_may_do_nothing_else(process):
    service = unit(f"jersey-{process}")["Service"]
    assert service["ExecStart"] == "/srv/jersey/app/.venv/bin/" + BARE[process]
    assert service["User"] == "jersey"
    assert service["Restart"] == "always"
    assert service["KillSignal"] == "SIGTERM"
    assert int(service["TimeoutStopSec"]) >= 30
    assert service["NoNewPrivileges"] == "true"
    assert service["ProtectSystem"] == "strict"
    assert service["CapabilityBoundingSet"] == ""


@pytest.mark.parametrize("process", ["web", "worker"])
def test_systemd_finds_nothing_wrong_with_the_unit(process, tmp_path):
    """With a program that is there in the place of ours."""
    if missing("systemd-analyze"):
        return
    path = tmp_path / f"jersey-{process}.service"
    text = read(f"deploy/systemd/{path.name}").replace("/srv/jersey/app/.venv/bin/", "/usr/bin/env ")
    path.write_text(text)
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", path], capture_output=True, text=True)
    ours = [line for line in done.stderr.splitlines() if path.name in line]
    assert ours == []


def test_supervisor_runs_the_procfile():
    parser = configparser.RawConfigParser(inline_comment_prefixes=(";",))
    parser.read_string(read("deploy/supervisor/jersey.conf"))
    for process in ("web", "worker"):
        program = parser[f"program:jersey-{process}"]
        assert program["command"] == "/srv/jersey/app/.venv/bin/" + BARE[process]
        assert (program["user"], program["stopsignal"], program["autorestart"]) == ("jersey", "TERM", "true")
        assert int(program["stopwaitsecs"]) >= 30
    assert parser["group:jersey"]["programs"] == "jersey-web,jersey-worker"


def test_nginx_overwrites_what_a_visitor_may_claim():
    text = read("deploy/nginx/jersey.conf")
    assert text.count("{") == text.count("}")
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in text
    assert "proxy_set_header X-Forwarded-Proto $scheme;" in text
    assert "$proxy_add_x_forwarded_for" not in text


def test_nginx_writes_down_no_token():
    """Every server has a log of its own, or would write its requests as they come into nginx's common one."""
    text = re.sub(r"^ *#.*\n", "", read("deploy/nginx/jersey.conf"), flags=re.MULTILINE)
    servers = text.split("\nserver {")[1:]
    assert len(servers) == 3
    for server in servers:
        assert set(re.findall(r"access_log ([^;]+);", server)) <= {"off", "/var/log/nginx/jersey.log jersey"}
        assert "access_log" in server
        assert re.findall(r"error_log ([^;]+);", server) == ["/var/log/nginx/jersey-error.log crit"]
    [log_format] = re.findall(r"log_format jersey ([^;]+);", text)
    assert set(re.findall(r"\$(\w+)", log_format)) == {
        "remote_addr", "time_iso8601", "request_method", "jersey_address", "server_protocol", "status",
        "body_bytes_sent", "request_time", "upstream_status", "upstream_response_time", "http_user_agent", "request_id",
    }  # fmt: skip
    places = re.findall(r"\(\?<jersey_place>/([^)]+)\)", text)
    assert places == [place.replace("*", "[^/]+") for place in PLACES]


def test_nginx_takes_as_much_as_the_site_at_each_address():
    text = read("deploy/nginx/jersey.conf")
    sizes = re.findall(r"location (/\S+) \{\n\s+client_max_body_size (\d+)([mk]);", text)
    factors = {"k": body_sizes.KIBIBYTE, "m": body_sizes.MEBIBYTE}
    taken = {path: int(number) * factors[unit] for path, number, unit in sizes}
    rest = {path: longest for path, longest in body_sizes.LONGEST if longest != body_sizes.PUBLIC or path in taken}
    assert taken == rest
    assert f"\n    client_max_body_size {body_sizes.PUBLIC // body_sizes.KIBIBYTE}k;" in text


def test_nginx_lets_nobody_be_slow():
    text = read("deploy/nginx/jersey.conf")
    for word in ("client_header_timeout", "client_body_timeout", "send_timeout"):
        assert int(re.search(rf"{word} (\d+)s;", text)[1]) <= 15
    assert "proxy_request_buffering on;" in text
    assert "proxy_buffering on;" in text


def test_nginx_takes_the_file(tmp_path):
    if missing("nginx"):
        return
    main = nginx_files(tmp_path)
    done = subprocess.run(["nginx", "-t", "-c", main, "-p", tmp_path], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def nginx_files(folder, *, http=8080, https=8443, site=8000):
    """The page's own file with ports and folders of a test, and the frame that Debian puts around it."""
    certificate, key = make_certificate(folder, HOST)
    text = read("deploy/nginx/jersey.conf")
    for old, new in {
        f"/etc/letsencrypt/live/{HOST}/fullchain.pem": str(certificate),
        f"/etc/letsencrypt/live/{HOST}/privkey.pem": str(key),
        "/var/lib/nginx/jersey": str(folder / "cache"),
        "/var/log/nginx": str(folder),
        "127.0.0.1:8000": f"127.0.0.1:{site}",
        "listen 80": f"listen 127.0.0.1:{http}",
        "listen 443": f"listen 127.0.0.1:{https}",
    }.items():
        assert old in text
        text = text.replace(old, new)
    (folder / "jersey.conf").write_text(re.sub(r"\n *listen \[::\][^\n]*", "", text))
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root; " if os.geteuid() == 0 else ""  # whose folder it is
    (folder / "nginx.conf").write_text(
        f"{user}daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log; events {{}}\n"
        f"http {{ access_log off; {temporary} include /etc/nginx/mime.types; include {folder}/jersey.conf; }}\n"
    )
    return folder / "nginx.conf"
