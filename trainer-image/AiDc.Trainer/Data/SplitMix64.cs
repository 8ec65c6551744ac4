namespace AiDc.Trainer.Data;

/// <summary>
/// SplitMix64, the generator that seeds others and mixes keys: G. L. Steele, D. Lea, C. H. Flood,
/// "Fast splittable pseudorandom number generators", OOPSLA 2014.
/// </summary>
public struct SplitMix64(ulong seed)
{
    private const ulong GoldenGamma = 0x9E3779B97F4A7C15;
    private ulong state = seed;

    public ulong Next() => Mix(state += GoldenGamma);

    /// <summary>One seed out of two numbers: neighbouring pairs give unrelated seeds.</summary>
    public static ulong Combine(ulong seed, ulong stream) => Mix(Mix(seed + GoldenGamma) + (stream + 1) * GoldenGamma);

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
