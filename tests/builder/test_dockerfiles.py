"""The Dockerfiles that we write."""

from minispaces_builder.dockerfiles import SdkImage, SpaceImage, sdk_dockerfile, space_dockerfile, uv_config
from minispaces_builder.package_index import PackageIndex


def test_a_space_with_the_sdks_own_packages_adds_one_layer():
    text = space_dockerfile(SpaceImage("minispaces/sdk-gradio:k", ["python", "my app.py"]))
    assert text.splitlines() == [
        "FROM minispaces/sdk-gradio:k",
        "COPY --chown=1000:1000 app /home/user/app",
        'CMD ["python", "my app.py"]',
    ]


def test_more_packages_come_before_the_code():
    lines = space_dockerfile(SpaceImage("b", ["x"], system_packages=["ffmpeg"], locked=True)).splitlines()
    order = [next(place for place, line in enumerate(lines) if word in line) for word in ("ffmpeg", "uv pip", "app /")]
    assert order == sorted(order)
    assert "USER 1000" in lines[order[0] : order[1]]


def test_code_that_runs_to_install_gets_a_cache_of_its_own():
    shared = space_dockerfile(SpaceImage("b", ["x"], locked=True))
    own = space_dockerfile(SpaceImage("b", ["x"], locked=True, cache="minispaces-uv-s1", builds_code=True))
    assert ["id=minispaces-uv," in shared, "--no-build" in shared] == [True, True]
    assert ["id=minispaces-uv-s1," in own, "--no-build" in own] == [True, False]


def test_an_sdk_image_trusts_the_extra_authority_before_it_fetches_anything():
    text = sdk_dockerfile(SdkImage("base", "3.11", extra_ca=True), program=False)
    assert text.index("extra-ca.crt") < text.index("uv venv") < text.index("uv pip sync")
    assert "extra-ca" not in sdk_dockerfile(SdkImage("base", "3.11"), program=False)


def test_an_sdk_that_needs_code_run_to_install_leaves_its_packages_to_each_space():
    """Gradio 3.50.2 brings ffmpy, which has no wheel."""
    text = sdk_dockerfile(SdkImage("base", "3.11"), packages=False, program=False)
    assert ("uv venv" in text, "uv pip sync" in text, "lock.txt" in text) == (True, False, False)


def test_passwords_of_indexes_stay_out_of_the_dockerfile():
    index = PackageIndex("https://user:pa55word@mirror/simple", ("https://b",), ("https://c",))
    assert "pa55word" not in sdk_dockerfile(SdkImage("base", "3.11"), program=True)
    assert uv_config(index).splitlines() == [
        'index-url = "https://user:pa55word@mirror/simple"',
        'index-strategy = "unsafe-best-match"',
        'extra-index-url = ["https://b"]',
        'find-links = ["https://c"]',
    ]
