using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace AiDc.Trainer.Tests.Distributed.Collectives;

/// <summary>What a sum over ranks gives, with libtorch and its own Gloo in the same process.</summary>
[TestFixture]
internal sealed class AllReduceTests
{
    /// <summary>None, one, fewer than ranks, not divisible by them, more than one segment of Gloo's (1 MiB) for each rank.</summary>
    private static readonly int[] Lengths = [0, 1, 3, 1000, 1_500_001];

    [Test]
    public void The_sum_is_that_of_all_ranks(
        [Values(1, 2, 3, 4)] int size, [Values(ScalarType.Float32, ScalarType.Float64, ScalarType.BFloat16, ScalarType.Int64)] ScalarType type)
    {
        var results = Gang.Run(size, group => Lengths.Select(length =>
        {
            using var tensor = Ramp(length, group.Rank, type);
            group.AllReduceSum(tensor);
            return Bytes(tensor);
        }).ToArray());

        for (var i = 0; i < Lengths.Length; i++)
        {
            // Small integers: exact in every type, whatever the order of the sum.
            using var expected = Enumerable.Range(0, size).Select(rank => Ramp(Lengths[i], rank, type)).Aggregate((a, b) => a.add_(b));
            foreach (var result in results)
                Assert.That(result[i].AsSpan().SequenceEqual(Bytes(expected)), $"{Lengths[i]} elements of {type} over {size} ranks");
        }
    }

    [Test]
    public void Every_rank_has_the_same_bits_where_rounding_depends_on_the_order(
        [Values(2, 3, 4)] int size, [Values(ScalarType.Float32, ScalarType.BFloat16)] ScalarType type)
    {
        var results = Gang.Run(size, group =>
        {
            using var generator = new Generator((ulong)group.Rank + 7);
            using var tensor = randn([100_003], float32, generator: generator).to(type);
            group.AllReduceSum(tensor);
            return Bytes(tensor);
        });

        Assert.That(results.Skip(1).All(r => r.AsSpan().SequenceEqual(results[0])));
    }

    [Test]
    public void The_sum_of_two_bfloat16_is_rounded_to_the_nearest_and_ties_to_even_as_libtorch_does()
    {
        // All finite values with many partners, among them ties, overflows to infinity and subnormals.
        var left = Enumerable.Range(0, 65536).Select(i => (short)i).ToArray();
        var right = Enumerable.Range(0, 65536).Select(i => (short)(i * 40503)).ToArray();

        var results = Gang.Run(2, group =>
        {
            using var tensor = FromBits(group.Rank == 0 ? left : right);
            group.AllReduceSum(tensor);
            return Bytes(tensor);
        });

        using var a = FromBits(left);
        using var b = FromBits(right);
        using var sum = a + b;
        var expected = MemoryMarshal.Cast<byte, ushort>(Bytes(sum));
        var actual = MemoryMarshal.Cast<byte, ushort>(results[0]);
        for (var i = 0; i < expected.Length; i++)
            Assert.That(actual[i] == expected[i] || (IsNaN(actual[i]) && IsNaN(expected[i])), $"{left[i]:x4} + {right[i]:x4}: {actual[i]:x4}, libtorch {expected[i]:x4}");
    }

    [Test]
    public void A_view_into_a_larger_tensor_is_summed_in_place_and_its_neighbours_are_left_alone()
    {
        var results = Gang.Run(2, group =>
        {
            using var whole = full([10], group.Rank + 1.0f);
            using var view = whole.narrow(0, 3, 4);
            group.AllReduceSum(view);
            return whole.data<float>().ToArray();
        });

        Assert.That(results[0], Is.EqualTo((float[])[1, 1, 1, 3, 3, 3, 3, 1, 1, 1]));
        Assert.That(results[1], Is.EqualTo((float[])[2, 2, 2, 3, 3, 3, 3, 2, 2, 2]));
    }

    [Test]
    public void Tensors_that_cannot_be_summed_are_refused_with_the_reason_and_the_group_goes_on()
    {
        using var group = Gang.Connect(1)[0];
        using var halves = zeros([4], float16);
        using var square = zeros([4, 4]);
        using var columns = square.t();

        Assert.That(() => group.AllReduceSum(halves), Throws.ArgumentException.With.Message.Contain("not Float16"));
        Assert.That(() => group.AllReduceSum(columns), Throws.ArgumentException.With.Message.Contain("not contiguous"));
        Assert.That(() => group.AllReduceSum(square), Throws.Nothing);
    }

    private static Tensor Ramp(int length, int rank, ScalarType type)
    {
        using var ramp = arange(length, int64);
        using var small = ramp.remainder(13).add_(rank);
        return small.to(type);
    }

    private static Tensor FromBits(short[] bits)
    {
        var tensor = empty([bits.Length], bfloat16);
        MemoryMarshal.AsBytes(bits.AsSpan()).CopyTo(tensor.bytes);
        return tensor;
    }

    private static bool IsNaN(ushort bits) => (bits & 0x7fff) > 0x7f80;

    private static byte[] Bytes(Tensor tensor) => tensor.numel() == 0 ? [] : tensor.bytes.ToArray();
}
