"""What shapes of the small network cost: multiply-adds, milliseconds a window on one core.

    python benchmarks/window_net.py

Times are the best of several repetitions on one thread, log-mel included. The last rows are a
depthwise-separable network of the same depth, which has a quarter of the multiply-adds.
"""

import time
from collections.abc import Callable
from typing import cast

import torch
from torch import nn

from encoder.model import ChannelNorm, ModelConfig, WindowNet, multiply_adds

SHAPES = [
    (24, 48, 96, 160, 224),
    (32, 64, 128, 160, 224),
    (32, 64, 128, 192, 256),
    (48, 64, 96, 160, 256),
]
BATCH = 32
REPEATS = 20


def separable(net: WindowNet) -> WindowNet:
    """The same network with its 3x3 convolutions taken apart into depthwise and 1x1."""
    layers: list[nn.Module] = []
    for layer in net.trunk:
        if isinstance(layer, nn.Conv2d) and layer.in_channels > 1:
            depthwise = nn.Conv2d(
                layer.in_channels,
                layer.in_channels,
                cast(tuple[int, int], layer.kernel_size),
                cast(tuple[int, int], layer.stride),
                cast(tuple[int, int], layer.padding),
                groups=layer.in_channels,
            )
            layers += [depthwise, ChannelNorm(layer.in_channels), nn.ReLU()]
            layers.append(nn.Conv2d(layer.in_channels, layer.out_channels, 1))
        else:
            layers.append(layer)
    net.trunk = nn.Sequential(*layers)
    net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return net


def best_ms(work: Callable[[], object], repeats: int) -> float:
    times = []
    for _ in range(repeats):
        begin = time.process_time()
        work()
        times.append(time.process_time() - begin)
    return min(times) * 1000


def measure(net: WindowNet) -> tuple[float, float, float]:
    """Milliseconds a window: alone, in a batch, and forward and back in training."""
    samples = 0.1 * torch.randn(BATCH, net.config.front_end.window_samples)
    with torch.inference_mode():
        alone = best_ms(lambda: net(samples[:1]), REPEATS)
        batch = best_ms(lambda: net(samples), REPEATS // 4) / BATCH

    def step() -> None:
        with torch.autocast("cpu", torch.bfloat16):
            heads = net(samples)
        heads.fingerprint.square().mul(torch.rand(128)).sum().backward()

    return alone, batch, best_ms(step, REPEATS // 4) / BATCH


def main() -> None:
    torch.set_num_threads(1)
    print("| channels | kind | million multiply-adds | parameters | alone | in 32 | training |")
    print("|---|---|---|---|---|---|---|")
    for channels in SHAPES:
        for kind, change in (("plain", lambda net: net), ("separable", separable)):
            net = change(WindowNet(ModelConfig(channels=channels)))
            cost = multiply_adds(net) / 1e6
            size = sum(parameter.numel() for parameter in net.parameters()) / 1e6
            alone, batch, train = measure(net)
            print(
                f"| {channels} | {kind} | {cost:.1f} | {size:.2f} M | {alone:.2f} ms "
                f"| {batch:.2f} ms | {train:.2f} ms |",
                flush=True,
            )


if __name__ == "__main__":
    main()
