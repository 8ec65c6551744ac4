using System.Numerics;

namespace AiDc.Trainer.Data;

/// <summary>
/// xoshiro256**: D. Blackman, S. Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 47(4), 2021.
/// Our own and not the library's, because its numbers must be the same on every machine and in every version.
/// </summary>
public sealed class Xoshiro256
{
    private ulong s0, s1, s2, s3;

    public Xoshiro256(ulong seed)
    {
        var seeder = new SplitMix64(seed);
        (s0, s1, s2, s3) = (seeder.Next(), seeder.Next(), seeder.Next(), seeder.Next());
    }

    /// <summary>From a state, which must not be all zero.</summary>
    public Xoshiro256(ulong s0, ulong s1, ulong s2, ulong s3) => (this.s0, this.s1, this.s2, this.s3) = (s0, s1, s2, s3);

    public ulong Next()
    {
        var result = BitOperations.RotateLeft(s1 * 5, 7) * 9;
        var t = s1 << 17;
        s2 ^= s0;
        s3 ^= s1;
        s1 ^= s2;
        s0 ^= s3;
        s2 ^= t;
        s3 = BitOperations.RotateLeft(s3, 45);
        return result;
    }

    /// <summary>
    /// Uniform in [0, bound), without bias: D. Lemire, "Fast random integer generation in an interval", ACM TOMACS 29(1), 2019.
    /// </summary>
    public uint Below(uint bound)
    {
        ArgumentOutOfRangeException.ThrowIfZero(bound);
        var product = (Next() >> 32) * bound;
        if ((uint)product < bound)
        {
            var threshold = (uint)-(int)bound % bound;
            while ((uint)product < threshold) product = (Next() >> 32) * bound;
        }
        return (uint)(product >> 32);
    }

    /// <summary>Uniform in [0, 1), a multiple of 2^-53.</summary>
    public double Uniform() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [low, high).</summary>
    public float Uniform(float low, float high) => (float)(low + (high - low) * Uniform());

    /// <summary>Standard normal: G. E. P. Box, M. E. Muller, "A note on the generation of random normal deviates", 1958.</summary>
    public float Gaussian() => (float)(Math.Sqrt(-2 * Math.Log(1 - Uniform())) * Math.Cos(2 * Math.PI * Uniform()));

    /// <summary>Permutes in place: R. Durstenfeld, "Algorithm 235: Random permutation", CACM 7(7), 1964.</summary>
    public void Shuffle<T>(Span<T> values)
    {
        for (var i = values.Length - 1; i > 0; i--)
        {
            var j = (int)Below((uint)(i + 1));
            (values[i], values[j]) = (values[j], values[i]);
        }
    }
}
