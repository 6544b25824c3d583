"""The server's figures, as Prometheus reads them."""

import httpx
from prometheus_client.parser import text_string_to_metric_families

from colorfilter.host import metrics


def read(text):
    """Each figure's value by its name; that of a histogram's bucket by its name and, in brackets, its upper end."""
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {_name(sample): sample.value for sample in samples}


def _name(sample):
    return sample.name + (f"[{float(sample.labels['le']):g}]" if "le" in sample.labels else "")


def of(server):
    """Those of a running server."""
    return read(httpx.get(f"{server.url}/metrics").text)


def here():
    """Those of this process."""
    return read(metrics.exposition().decode())
