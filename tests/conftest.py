"""Settings of libraries, the folder of public data, and groups of tests."""

import gc
import os
import pathlib

import hypothesis
import pytest

from tests import browser as browser_lib
from tests import eager as eager_lib
from tests import foreign_process as foreign_process_lib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # See common/app.py.
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
# Of small matrices, one thread does the work while the others wait busily.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


# Property-based tests have the same examples in each run, and no time limit.
hypothesis.settings.register_profile(
    "reproducible", deadline=None, derandomize=True
)
hypothesis.settings.load_profile("reproducible")


def pytest_addoption(parser):
    parser.addoption(
        "--data_dir", default="", help="Folder of the public data sets."
    )
    parser.addoption(
        "--plain_graphs",
        action="store_true",
        help="TensorFlow runs graphs as traced: to optimize each of them "
        "takes longer than to run it a few times.",
    )


@pytest.hookimpl(optionalhook=True)  # Without xdist, there is no such hook.
def pytest_xdist_make_scheduler(config, log):
    """Keeps tests that share a trained model on one worker."""
    from xdist.scheduler import LoadScopeScheduling

    # In the order of collection, the long tests of the apps come first.
    config.option.loadscopereorder = False

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return group_of(nodeid)

    return Scheduling(config, log)


def group_of(nodeid):
    """Returns the group of a test: the folder of an app, or its file.

    Tests of the contract share the run of their app, their parameter.
    """
    name, _, test = nodeid.partition("::")
    path = pathlib.PurePosixPath(name)
    if path.parts[:2] == ("tests", "apps") and len(path.parts) > 3:
        return str(path.parent)
    parameter = test.partition("[")[2].rstrip("]")
    app = parameter.partition("-")[0] if path.name == "test_contract.py" else ""
    return name + app


def pytest_collection_finish(session):
    """Spares the garbage collector what the imported libraries consist of.

    It runs rarely afterwards: a traced graph has many objects, which stay.
    """
    if session.config.getoption("--plain_graphs"):
        optimize_graphs(False)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def optimize_graphs(optimize):
    """Sets whether TensorFlow optimizes graphs before it runs them."""
    import tensorflow as tf

    options = {"disable_meta_optimizer": not optimize}
    tf.config.optimizer.set_experimental_options(options)


@pytest.fixture(scope="session")
def started_process(tmp_path_factory):
    """A process that has TensorFlow, and nothing of this project."""
    folder = tmp_path_factory.mktemp("foreign_process")
    process = foreign_process_lib.ForeignProcess(folder)
    yield process
    process.close()


@pytest.fixture(scope="session")
def browser():
    """A window of headless Chromium; without one, the test is skipped."""
    with browser_lib.chromium() as window:
        yield window


@pytest.fixture
def serve_folder():
    """Returns a function that serves a folder of exports; returns the URL."""
    from common.serving import options
    from common.serving import server as server_lib
    from common.serving import service as service_lib

    started = []

    def start(folder):
        values = {"port": 0, "grpc": False, "timeout": 300.0}
        service = service_lib.Service(
            options.Options(saved_models=str(folder), **values)
        )
        service.repository.poll()
        started.append(server_lib.Server(service))
        started[-1].start()
        return f"http://127.0.0.1:{started[-1].port}/"

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def foreign_process(request, started_process):
    """The same, while both processes optimize graphs: the bits are equal."""
    optimize_graphs(True)
    yield started_process
    optimize_graphs(not request.config.getoption("--plain_graphs"))


@pytest.fixture
def eager():
    """Runs functions without compilation, which takes seconds for each."""
    with eager_lib.functions():
        yield


@pytest.fixture
def public_data(request):
    """Returns a function from the name of a data set to its folder."""

    def find(name):
        root = request.config.getoption("--data_dir")
        folder = pathlib.Path(root, name)
        if not root or not folder.exists():
            pytest.skip(f"no {name} below --data_dir={root}")
        return folder

    return find
