import torch
from torch import Tensor


def every_frame(x: Tensor, stride: int) -> Tensor:
    """Returns every so many-th frame of clips, channels last."""
    x = x[..., ::stride, :]
    # Whether the frames can be viewed as one matrix depends on their number, which exported
    # programs leave open.
    return x.contiguous() if torch.compiler.is_compiling() else x


class TemporalConv(torch.nn.Conv1d):
    r"""A 1-D convolution over time of clips :math:`(|\mathcal{V}|, *, T, C)`, channels last.

    Zero padding keeps :math:`\lceil T / s \rceil` frames, as in the TC operator of the `"Symbiotic
    Graph Neural Networks" <https://arxiv.org/abs/1910.02212>`_ paper and in ST-GCN.

    Args:
        in_channels (int): Size of each input feature.
        out_channels (int): Size of each output feature.
        kernel_size (int, optional): The odd number of frames it sees. (default: :obj:`9`)
        stride (int, optional): The step in frames. (default: :obj:`1`)
        dilation (int, optional): The distance between frames seen. (default: :obj:`1`)
        bias (bool, optional): Whether to add a bias. (default: :obj:`True`)
        valid (bool, optional): Whether to leave out the padding, so that every output frame has
            seen whole input only. (default: :obj:`False`)

    Shapes:
        - **input:** :math:`(|\mathcal{V}|, *, T, C_{in})`
        - **output:** :math:`(|\mathcal{V}|, *, \lceil T / s \rceil, C_{out})`, fewer frames if
          :obj:`valid`
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

    def forward(self, input: Tensor) -> Tensor:
        """Runs the forward pass of the module."""
        if self.kernel_size == (1,):
            every = every_frame(input, self.stride[0])
            return torch.nn.functional.linear(every, self.weight.squeeze(2), self.bias)
        *lead, T, C = input.shape
        # [1, C, nodes, T] in channels-last memory is a view of the input; so is the way back.
        x = input.reshape(1, -1, T, C).permute(0, 3, 1, 2)
        x = torch.nn.functional.conv2d(
            x,
            self.weight.unsqueeze(2),
            self.bias,
            (1, self.stride[0]),
            (0, int(self.padding[0])),
            (1, self.dilation[0]),
        )
        return x.permute(0, 2, 3, 1).reshape(*lead, -1, self.out_channels)
