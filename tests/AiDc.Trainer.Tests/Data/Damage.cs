using AiDc.Trainer.Data;

namespace AiDc.Trainer.Tests.Data;

/// <summary>Damages a valid file in many ways and checks that reading gives data or a <see cref="DataException"/>, nothing else.</summary>
internal static class Damage
{
    /// <returns>How many of the damaged files were refused.</returns>
    public static int TryAll(string file, int flips, ulong seed, Action read)
    {
        var content = File.ReadAllBytes(file);
        var refused = 0;
        var step = Math.Max(1, content.Length / 150);
        for (var length = 0; length < content.Length; length += step) refused += Try(file, content[..length], read);
        var random = new Xoshiro256(seed);
        for (var flip = 0; flip < flips; flip++)
        {
            var damaged = content.ToArray();
            for (var n = 1 + random.Below(3); n > 0; n--) damaged[random.Below((uint)damaged.Length)] ^= (byte)(1 + random.Below(255));
            refused += Try(file, damaged, read);
        }
        File.WriteAllBytes(file, content);
        return refused;
    }

    private static int Try(string file, byte[] content, Action read)
    {
        File.WriteAllBytes(file, content);
        try
        {
            read();
            return 0;
        }
        catch (DataException e)
        {
            Assert.That(e.Problem + e.Fix, Is.Not.Empty);
            return 1;
        }
    }
}
