namespace AiDc.Trainer.Models;

/// <summary>The sizes of a network's layers.</summary>
/// <param name="Filters">Of each block of convolution and pooling.</param>
/// <param name="Padding">Pixels added around the input of a 3x3 convolution: 0 takes one off each side, 1 keeps the size.</param>
/// <param name="Hidden">Outputs of the dense layer.</param>
internal sealed record NetworkShape(int[] Filters, int Padding, int Hidden)
{
    public const int Kernel = 3;

    /// <summary>The smallest image side that leaves at least one pixel at the end.</summary>
    public int SmallestSide => Filters.Aggregate(1, (side, _) => (2 * side) + Kernel - 1 - (2 * Padding));

    /// <summary>What a block makes of a side of its input.</summary>
    public int SideAfter(int side) => (side + (2 * Padding) - Kernel + 1) / 2;
}
