from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

#: The number of channels above which the form with a custom backward pass is faster on CPUs.
MIN_CHANNELS_FOR_CUSTOM_BACKWARD = 64


def every_frame(x: Tensor, stride: int) -> Tensor:
    """Returns every **stride**-th frame of clips, channels last."""
    x = x[..., ::stride, :]
    # Whether the frames can be viewed as one matrix depends on their number, which exported
    # programs leave open.
    return x.contiguous() if torch.compiler.is_compiling() else x


def middle_frames(x: Tensor, reach: int) -> Tensor:
    """Leaves out the first and the last **reach** frames of clips, channels last."""
    return x if reach == 0 else x[..., reach : x.size(-2) - reach, :]


class TemporalConv(torch.nn.Conv1d):
    r"""A 1-D convolution over time of clips :math:`(|\mathcal{V}|, *, T, C)`, channels last.

    Zero padding keeps :math:`\lceil T / s \rceil` frames, as in the TC operator of the `"Symbiotic
    Graph Neural Networks" <https://arxiv.org/abs/1910.02212>`_ paper and in ST-GCN.

    Args:
        in_channels (int): Size of each input feature.
        out_channels (int): Size of each output feature.
        kernel_size (int, optional): The number of frames that it sees, odd. (default: :obj:`9`)
        stride (int, optional): The step in frames. (default: :obj:`1`)
        dilation (int, optional): The distance between these frames. (default: :obj:`1`)
        bias (bool, optional): Whether to add a bias. (default: :obj:`True`)
        valid (bool, optional): Whether to leave out the padding, so that output frames depend on
            input frames only. (default: :obj:`False`)

    Shapes:
        - **input:** :math:`(|\mathcal{V}|, *, T, C_{in})`
        - **output:** :math:`(|\mathcal{V}|, *, \lceil T / s \rceil, C_{out})`, fewer frames if
          :obj:`valid`

    Example:
        >>> conv = TemporalConv(64, 128, kernel_size=9, stride=2)
        >>> conv(torch.randn(25, 60, 64)).shape  # joints, frames, channels
        torch.Size([25, 30, 128])
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int = 9,
        stride: int = 1,
        dilation: int = 1,
        bias: bool = True,
        valid: bool = False,
    ) -> None:
        if kernel_size % 2 == 0:
            raise ValueError(f"expected an odd kernel_size, got {kernel_size}")
        padding = 0 if valid else (kernel_size - 1) // 2 * dilation
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, dilation, 1, bias)
        #: The frames on either side that an output depends on.
        self.reach = (kernel_size - 1) // 2 * dilation
        #: The frames that the output lacks at either end.
        self.lost = self.reach if valid else 0

    def forward(self, input: Tensor) -> Tensor:
        """Applies the convolution over time."""
        if self.kernel_size == (1,):
            every = every_frame(input, self.stride[0])
            return F.linear(every, self.weight.squeeze(2), self.bias)
        *lead, T, C = input.shape
        steps = self.stride[0], int(self.padding[0]), self.dilation[0]
        if self._trains_on_cpu(input):
            x = input.reshape(-1, T, C)
            out: Tensor = _FramesFirst.apply(x, self.weight, self.bias, *steps)  # type: ignore[no-untyped-call]
            return out.view(*lead, -1, self.out_channels)
        if torch.compiler.is_dynamo_compiling():
            # As below, with each node as an image: torch.compile fails at an open number of nodes
            # in the stride of the first dimension.
            x = input.reshape(-1, T, 1, C).permute(0, 3, 1, 2)
            step, pad, dilate = ((n, m) for n, m in zip(steps, (1, 0, 1), strict=True))
            x = F.conv2d(x, self.weight.unsqueeze(3), self.bias, step, pad, dilate)
            return x.permute(0, 2, 3, 1).reshape(*lead, -1, self.out_channels)
        # [1, C, nodes, T] in channels-last memory is a view of the input; so is the way back.
        x = input.reshape(1, -1, T, C).permute(0, 3, 1, 2)
        stride, padding, dilation = ((n, s) for n, s in zip((1, 0, 1), steps, strict=True))
        x = F.conv2d(x, self.weight.unsqueeze(2), self.bias, stride, padding, dilation)
        return x.permute(0, 2, 3, 1).reshape(*lead, -1, self.out_channels)

    def _trains_on_cpu(self, input: Tensor) -> bool:
        return (
            min(self.in_channels, self.out_channels) >= MIN_CHANNELS_FOR_CUSTOM_BACKWARD
            and input.is_cpu
            and input.dtype == self.weight.dtype
            and torch.is_grad_enabled()
            and (input.requires_grad or self.weight.requires_grad)
            and not torch.is_autocast_enabled("cpu")
            and not torch.compiler.is_compiling()
        )


class _FramesFirst(torch.autograd.Function):
    """The form for CPUs, which takes three quarters of the time of a training step: frames become
    the rows of an image whose columns are nodes, and the gradient of the weights is one product per
    frame of the kernel.
    """

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        stride: int,
        padding: int,
        dilation: int,
    ) -> Tensor:
        ctx.save_for_backward(x, weight)
        ctx.steps = (stride, 1), (padding, 0), (dilation, 1)
        return _nodes_first(F.conv2d(_image(x), weight.unsqueeze(3), bias, *ctx.steps))

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        x, weight = ctx.saved_tensors
        (stride, _), (padding, _), (dilation, _) = ctx.steps
        x, g = _image(x), _image(grad)
        grad_x = grad_weight = grad_bias = None
        if ctx.needs_input_grad[0]:
            rest = *ctx.steps, False, (0, 0), 1, (True, False, False)
            image = torch.ops.aten.convolution_backward(g, x, weight.unsqueeze(3), None, *rest)[0]
            grad_x = _nodes_first(image)
        if ctx.needs_input_grad[1]:
            x, g = x.squeeze(0).permute(1, 2, 0), g.squeeze(0).permute(1, 2, 0)  # [T, nodes, C]
            phases = [x[j::stride].contiguous() for j in range(stride)]
            taps = []
            for k in range(weight.size(2)):
                first, phase = divmod(k * dilation - padding, stride)  # the frame of the first one
                h = phases[phase]
                start = min(max(0, -first), len(g))
                stop = max(start, min(len(g), len(h) - first))
                h, part = h[start + first : stop + first], g[start:stop]
                taps.append(part.flatten(0, 1).t() @ h.flatten(0, 1))
            grad_weight = torch.stack(taps, dim=2)
        if ctx.needs_input_grad[2]:
            grad_bias = grad.sum((0, 1))
        return grad_x, grad_weight, grad_bias, None, None, None


def _image(x: Tensor) -> Tensor:
    """Nodes, frames, channels as an image ``[1, C, T, nodes]`` in channels-last memory."""
    return x.transpose(0, 1).contiguous().unsqueeze(0).permute(0, 3, 1, 2)


def _nodes_first(image: Tensor) -> Tensor:
    return image.squeeze(0).permute(2, 1, 0).contiguous()
