"""What a container is seen to listen on."""

from minispaces_runner.containers.seen import of_the_app


def test_the_name_server_of_docker_is_no_port_of_the_app():
    assert of_the_app(["0.0.0.0:7860", "127.0.0.11:42071"]) == ["0.0.0.0:7860"]
