"""The files in deploy/, each by the tool that knows what such a file may say."""

import json
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from colorfilter.host import metrics
from colorfilter.host.settings import Settings

pytestmark = pytest.mark.deploy

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
KUBERNETES = "1.33"  # the oldest that still gets fixes


def run(tool, *arguments):
    """A tool of the virtual environment, which finds nothing wrong."""
    done = subprocess.run([Path(sys.executable).parent / tool, *arguments], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def documents(path):
    return list(yaml.safe_load_all(path.read_text()))


def test_the_dockerfile_is_as_it_should_be():
    run("hadolint", "deploy/Dockerfile")


def test_the_image_has_what_runs_and_nothing_else():
    copied = re.findall(r"^COPY (?!--from)(\S+) ", (DEPLOY / "Dockerfile").read_text(), re.M)
    assert all((ROOT / path).exists() for path in copied)
    let_in = {line[1:] for line in (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines() if line[0] == "!"}
    assert let_in == set(copied)
    assert "secrets" not in str(copied)


def test_the_compose_file_is_one():
    run("check-jsonschema", "--builtin-schema", "vendor.compose-spec", "deploy/compose.yaml")


@pytest.mark.parametrize(
    "path", [path for path in MANIFESTS if path.stem != "kustomization"], ids=lambda path: path.stem
)
def test_kubernetes_would_take_it(path):
    said = run("kubernetes-validate", "--strict", "-k", KUBERNETES, path)
    assert said.count("passed for resource") == len(documents(path))


def test_kustomize_brings_every_file():
    [kustomization] = documents(DEPLOY / "kubernetes" / "kustomization.yaml")
    files = {path.name for path in MANIFESTS} - {"kustomization.yaml"}
    assert set(kustomization["resources"]) == files | {"../haproxy"}
    [haproxy] = documents(DEPLOY / "haproxy" / "kustomization.yaml")
    assert haproxy["configMapGenerator"][0]["files"] == ["haproxy.cfg"]


def test_in_kubernetes_everything_finds_its_counterpart():
    objects = [one for path in MANIFESTS for one in documents(path) if "metadata" in one]
    pods = {one["metadata"]["name"]: one["spec"]["template"] for one in objects if "template" in one.get("spec", {})}
    services = {one["metadata"]["name"]: one["spec"] for one in objects if one["kind"] == "Service"}
    for name, service in services.items():
        assert service["selector"].items() <= pods[name]["metadata"]["labels"].items()
        ports = {port["name"] for port in pods[name]["spec"]["containers"][0]["ports"]}
        assert {port["targetPort"] for port in service["ports"]} <= ports
    for one in objects:
        match one["kind"]:
            case "PodDisruptionBudget":
                selector = one["spec"]["selector"]["matchLabels"]
                assert selector.items() <= pods[one["metadata"]["name"]]["metadata"]["labels"].items()
            case "HorizontalPodAutoscaler":
                assert one["spec"]["scaleTargetRef"]["name"] in pods
            case "Ingress":
                assert one["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]["name"] in services


def test_who_is_live_may_finish_before_the_container_is_killed():
    [app, *_] = documents(DEPLOY / "kubernetes" / "app.yaml")
    pod = app["spec"]["template"]["spec"]
    environment = {one["name"]: one["value"] for one in pod["containers"][0]["env"]}
    assert pod["terminationGracePeriodSeconds"] > int(environment["COLORFILTER_DRAIN_SECONDS"])
    [compose] = documents(DEPLOY / "compose.yaml")
    service = compose["services"]["app"]
    assert (
        60 * int(service["stop_grace_period"].removesuffix("m")) > service["environment"]["COLORFILTER_DRAIN_SECONDS"]
    )


def test_every_setting_is_one():
    """Of the app's in colorfilter/, of the load balancer's in haproxy.cfg."""
    known = {field.name for field in fields(Settings)}
    files = [DEPLOY / "compose.yaml", *MANIFESTS]
    used = {name for path in files for name in re.findall(r"COLORFILTER_(\w+)", path.read_text())}
    assert {name.lower() for name in used} <= known
    understood = set(re.findall(r'"\$\{?(\w+)', (DEPLOY / "haproxy" / "haproxy.cfg").read_text()))
    [compose] = documents(DEPLOY / "compose.yaml")
    [haproxy, *_] = documents(DEPLOY / "kubernetes" / "haproxy.yaml")
    variables = {one["name"] for one in haproxy["spec"]["template"]["spec"]["containers"][0]["env"]}
    assert variables | set(compose["services"]["haproxy"]["environment"]) <= understood


def test_the_dashboard_shows_figures_that_there_are():
    dashboard = json.loads((DEPLOY / "grafana" / "dashboard.json").read_text())
    asked = {
        name
        for panel in dashboard["panels"]
        for target in panel["targets"]
        for name in re.findall(r"\b(?:colorfilter|process)_\w+", target["expr"])
    }
    metrics.STILLS.labels(200)  # a figure with labels is there from its first value on
    there = set(re.findall(r"^(\w+)[ {]", metrics.exposition().decode(), re.M))
    assert len(asked) >= 8
    assert asked <= there
