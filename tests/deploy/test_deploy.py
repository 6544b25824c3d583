"""The files in deploy/, each by the tool that knows what such a file may say."""

import asyncio
import contextlib
import json
import re
import resource
import socket
import struct
import subprocess
import sys
import time
from dataclasses import fields
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
import yaml
from aioice import turn
from aioice.stun import TransactionFailed

from colorfilter.host import metrics
from colorfilter.host.settings import Settings
from colorfilter.webrtc.ice.servers import credentials
from tests.support.certificates import self_signed_certificate
from tests.support.networks import Namespace
from tests.support.networks import run as run_command

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
    return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))


def test_the_dockerfile_is_as_it_should_be():
    run("hadolint", "deploy/Dockerfile")


def test_the_image_has_what_runs_and_nothing_else():
    copied = re.findall(r"^COPY (?!--from)(\S+) ", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"), re.M)
    assert all((ROOT / path).exists() for path in copied)
    let_in = {
        line[1:]
        for line in (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
        if line[0] == "!"
    }
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


def test_in_kubernetes_the_controller_limits_addresses_and_the_app_believes_it():
    """HAProxy, behind a controller, sees one address for all visitors (BEHIND_PROXY)."""
    [ingress] = documents(DEPLOY / "kubernetes" / "ingress.yaml")
    annotations = ingress["metadata"]["annotations"]
    assert int(annotations["haproxy.org/rate-limit-requests"]) == 2000
    assert annotations["haproxy.org/rate-limit-period"] == "10s"
    assert int(annotations["nginx.ingress.kubernetes.io/limit-rps"]) * 10 == 2000
    assert int(annotations["nginx.ingress.kubernetes.io/limit-connections"]) == 200
    [container] = [
        container
        for one in documents(DEPLOY / "kubernetes" / "app.yaml")
        if one["kind"] == "Deployment"
        for container in one["spec"]["template"]["spec"]["containers"]
    ]
    trusted = {one["name"]: one.get("value") for one in container["env"]}["COLORFILTER_TRUSTED_PROXIES"]
    networks = [ip_network(network) for network in trusted.split(",")]
    assert all(network.is_private or network == ip_network("100.64.0.0/10") for network in networks)


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
    used = {name for path in files for name in re.findall(r"COLORFILTER_(\w+)", path.read_text(encoding="utf-8"))}
    assert {name.lower() for name in used} <= known
    understood = set(re.findall(r'"\$\{?(\w+)', (DEPLOY / "haproxy" / "haproxy.cfg").read_text(encoding="utf-8")))
    [compose] = documents(DEPLOY / "compose.yaml")
    [haproxy, *_] = documents(DEPLOY / "kubernetes" / "haproxy.yaml")
    variables = {one["name"] for one in haproxy["spec"]["template"]["spec"]["containers"][0]["env"]}
    assert variables | set(compose["services"]["haproxy"]["environment"]) <= understood


def test_the_dashboard_shows_figures_that_there_are():
    dashboard = json.loads((DEPLOY / "grafana" / "dashboard.json").read_text(encoding="utf-8"))
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


# What a relay must not reach: the special ranges of the IANA registries (RFC 6890) that are not global or lead to IPv4.
SPECIAL = [
    *["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"],
    *[
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "240.0.0.0/4",
    ],
    *["::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64", "2001::/23"],
    *["2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10"],
]


both_files = pytest.mark.parametrize(
    "path", [DEPLOY / "compose.yaml", DEPLOY / "kubernetes" / "turn.yaml"], ids=lambda path: path.stem
)


def coturn_arguments(path):
    for one in documents(path):
        services = one.get("services", {})
        containers = one.get("spec", {}).get("template", {}).get("spec", {}).get("containers", [])
        for each in [*services.values(), *containers]:
            if "coturn" in each["image"]:
                return each.get("command") or each["args"]
    raise AssertionError(f"There is no coturn in {path}.")


@both_files
def test_the_relay_reaches_no_special_range(path):
    denied = []
    for argument in coturn_arguments(path):
        if argument.startswith("--denied-peer-ip="):
            first, _, last = argument.split("=")[1].partition("-")
            denied.append((ip_address(first), ip_address(last or first)))
    for network in map(ip_network, SPECIAL):
        begin = network[network == ip_network("::/96")]  # :: would be any address to coturn, which refuses it itself
        assert any(
            first.version == network.version and first <= begin and network[-1] <= last for first, last in denied
        ), network
    limits = {"--user-quota=4", "--total-quota=1000", "--max-bps=1000000"}
    assert {"--no-tcp-relay", "--no-multicast-peers", "--no-cli", *limits} <= set(coturn_arguments(path))


PUBLIC, OWN = "198.41.0.4", "10.66.0.1"  # a machine behind a provider's NAT
BEHIND, ANYBODY = "10.66.0.2", "198.41.0.9"  # another one there, and one of the internet
SECRET = "north sea"
VARIABLES = {"HOST": "example.org", "TURN_SECRET": SECRET, "TURN_EXTERNAL_IP": f"{PUBLIC}/{OWN}"}


def interpolated(value, variables):
    """A value of compose.yaml with its variables' values, by the specification's section Interpolation.

    Raises ValueError with the sentence of Compose where one that must be given is missing or empty.
    """
    if isinstance(value, dict):
        return {key: interpolated(one, variables) for key, one in value.items()}
    if isinstance(value, list):
        return [interpolated(one, variables) for one in value]
    if not isinstance(value, str):
        return value

    def found(match):
        name, operator, rest = match.groups()
        if name is None:
            return "$"
        if operator == ":?" and not variables.get(name):
            raise ValueError(f"required variable {name} is missing a value: {rest}")
        return variables.get(name) or (rest if operator == ":-" else "")

    return re.sub(r"\$(?:\$|\{(\w+)(?:(:[?-])([^}]*))?\})", found, value)


@pytest.mark.parametrize("name", VARIABLES)
@pytest.mark.parametrize("value", [None, ""], ids=["missing", "empty"])
def test_compose_refuses_the_file_without(name, value):
    """Without TURN_EXTERNAL_IP coturn would give out the machine's own address, which nobody reaches behind a NAT."""
    [compose] = documents(DEPLOY / "compose.yaml")
    with pytest.raises(ValueError, match=f"^required variable {name} is missing a value: see .env.example$"):
        interpolated(compose, VARIABLES | {name: value})
    assert re.search(rf"^{name}=", (DEPLOY / ".env.example").read_text(encoding="utf-8"), re.M)


def test_with_its_variables_the_compose_file_is_whole():
    compose = interpolated(documents(DEPLOY / "compose.yaml")[0], VARIABLES)
    assert f"--external-ip={PUBLIC}/{OWN}" in compose["services"]["coturn"]["command"]
    assert compose["services"]["haproxy"]["environment"]["CERTIFICATES"] == ""
    assert compose["configs"]["turnserver"]["content"] == f"use-auth-secret\nstatic-auth-secret={SECRET}\n"


# The file of coturn's program asks for it, and does not start without; certbot writes files of other users.
ADDED = {"coturn": ["NET_BIND_SERVICE"], "certbot": ["CHOWN", "DAC_OVERRIDE", "FOWNER", "NET_BIND_SERVICE"]}


@pytest.mark.parametrize("name", documents(DEPLOY / "compose.yaml")[0]["services"])
def test_every_container_of_compose_is_hardened(name):
    service = documents(DEPLOY / "compose.yaml")[0]["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service.get("cap_add", []) == ADDED.get(name, [])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"]
    assert service["pids_limit"]
    assert not service.get("privileged")


@pytest.mark.parametrize("name", ["app", "haproxy", "turn"])
def test_every_container_of_kubernetes_is_hardened(name):
    path = DEPLOY / "kubernetes" / f"{name}.yaml"
    [pod] = [one["spec"]["template"]["spec"] for one in documents(path) if "template" in one.get("spec", {})]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    for container in pod["containers"]:
        context = container["securityContext"]
        assert (context["allowPrivilegeEscalation"], context["readOnlyRootFilesystem"]) == (False, True)
        assert context["capabilities"]["drop"] == ["ALL"]
        assert context["capabilities"].get("add", []) == (["NET_BIND_SERVICE"] if name == "turn" else [])
        assert container["resources"]["limits"]["memory"]


@contextlib.contextmanager
def running_coturn(path, folder):
    """coturn with the very arguments of a file, but for certificate and folders, on a machine of its own."""
    certificate = self_signed_certificate(folder, OWN)
    # `detect-external-ip` is a program of the image, and NODE_IP the node's address in Kubernetes.
    values = {"detect": PUBLIC, "NODE_IP": OWN}
    (folder / "turnserver.conf").write_text(f"use-auth-secret\nstatic-auth-secret={SECRET}\n")
    arguments = []
    for argument in coturn_arguments(path):
        argument = re.sub(r"\$\((\w+)[^)]*\)", lambda match: values[match[1]], interpolated(argument, VARIABLES))
        argument = re.sub(r"^/.*/turnserver.conf", f"{folder}/turnserver.conf", argument)
        arguments.append(re.sub(r"=/certs/.*", f"={certificate}", argument))
    assert SECRET not in " ".join(arguments)  # it would stand in the list of processes
    command = ["turnserver", *arguments, f"--listening-ip={OWN}", f"--pidfile={folder}/pid", f"--userdb={folder}/db"]
    with (
        open(folder / "log", "w", encoding="utf-8") as log,
        subprocess.Popen(command, cwd=folder, stdout=log, stderr=log) as server,
    ):
        try:
            answered = any(answers_stun() for _ in range(50))
            said = (folder / "log").read_text(encoding="utf-8")
            assert answered, said
            assert not re.search(r"unrecognized|invalid option|bad configuration", said, re.I), said
            yield
        finally:
            server.kill()


class Inbox(asyncio.DatagramProtocol):
    def __init__(self):
        self.got = []

    def datagram_received(self, data, address):
        self.got.append((data, address))


async def relay(viewer="viewer", transport="udp"):
    """A client's relay: its transport and what comes in. The client comes to the server over UDP or TCP."""
    username, password = credentials(SECRET, viewer, time.time())
    server, user = (OWN, 3478), {"username": username, "password": password}
    return await turn.create_turn_endpoint(Inbox, server, **user, transport=transport)


async def send_until(arrives, *sends):
    for _ in range(20):
        for transport, data, address in sends:
            transport.sendto(data, address)
        await asyncio.sleep(0.1)
        if arrives():
            return True
    return False


async def use_relays():
    """Two clients reach each other by their relays, none reaches a machine behind it, and one user has four at most."""
    (one, inbox), (other, other_inbox) = await relay(), await relay()
    address, other_address = one.get_extra_info("sockname"), other.get_extra_info("sockname")
    assert (address[0], other_address[0]) == (PUBLIC, PUBLIC)
    meeting = (one, b"hello", other_address), (other, b"hello too", address)
    assert await send_until(lambda: inbox.got and other_inbox.got, *meeting)
    assert (other_inbox.got[0][0], inbox.got[0][0]) == (b"hello", b"hello too")
    assert await reaches(one, ANYBODY)
    assert not await reaches(one, BEHIND)
    more = [await relay() for _ in range(2)]
    with pytest.raises(TransactionFailed, match="486"):
        await relay()
    for transport in (one, other, *(transport for transport, _ in more)):
        transport.close()
    await asyncio.sleep(0.2)


async def reaches(client, address):
    """Whether this client's relay sends to a machine of that address. Nothing but the list forbids that."""
    loop = asyncio.get_running_loop()
    behind, secret = await loop.create_datagram_endpoint(Inbox, local_addr=(address, 0))
    loop.set_exception_handler(lambda loop, context: None)  # the relay refuses the channel
    arrived = await send_until(lambda: secret.got, (client, b"let me in", behind.get_extra_info("sockname")))
    behind.close()
    return arrived


@pytest.fixture
def machine():
    """This thread is on a machine of its own, which has the address OWN."""
    space = Namespace("turn", OWN)
    try:
        for address in (OWN, BEHIND, ANYBODY):
            space.run("ip", "address", "add", f"{address}/32", "dev", "lo")
        with space.entered():
            yield
    finally:
        run_command("ip", "netns", "delete", space.name)


@both_files
def test_the_relay_relays_and_does_no_more(path, machine, tmp_path):
    with running_coturn(path, tmp_path):
        asyncio.run(use_relays())


TOTAL_QUOTA = 1000


async def gets_a_relay(viewer):
    """Whether one is to be had in the seconds in which coturn clears away one that was given back."""
    for _ in range(100):
        with contextlib.suppress(TransactionFailed):
            return await relay(viewer)
        await asyncio.sleep(0.1)


async def use_up_the_relay():
    """As many users as it may have take one relay each; a newcomer gets one when one is given back."""
    taken = [(await relay(f"viewer-{number}"))[0] for number in range(TOTAL_QUOTA)]
    with pytest.raises(TransactionFailed, match="486"):
        await relay("newcomer")
    taken.pop().close()
    assert await gets_a_relay("newcomer")
    with pytest.raises(TransactionFailed, match="486"):
        await relay("another")


@pytest.fixture
def many_sockets():
    """One for each user, where a process may have 1024 by default."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4 * TOTAL_QUOTA), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("machine", "many_sockets")
@both_files
def test_all_users_of_the_relay_together_have_a_limit(path, tmp_path):
    with running_coturn(path, tmp_path):
        asyncio.run(use_up_the_relay())


@pytest.mark.usefixtures("machine")
@both_files
def test_the_relay_opens_no_tcp_connections(path, tmp_path, monkeypatch):
    """A client on TCP, who may have a relay for UDP, asks for one that connects to others (RFC 6062, section 4)."""

    async def ask():
        await relay(transport="tcp")
        monkeypatch.setattr(turn, "UDP_TRANSPORT", turn.TCP_TRANSPORT)  # what aioice always asks for
        with pytest.raises(TransactionFailed, match="442"):
            await relay(transport="tcp")

    with running_coturn(path, tmp_path):
        asyncio.run(ask())


def answers_stun():
    """Whether a binding request is answered within 0.2 s (RFC 8489, sections 5 and 6)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(0.2)
        try:
            client.sendto(struct.pack("!HHI12s", 1, 0, 0x2112A442, b"twelve bytes"), (OWN, 3478))
            return client.recv(100)[:2] == b"\x01\x01"
        except (TimeoutError, ConnectionRefusedError):
            time.sleep(0.2)
            return False
