using AiDc.Gateway.Forwarding;

namespace AiDc.Gateway.Tests.Forwarding;

public sealed class ReplayBodyTests
{
    private static readonly byte[] Bytes = [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 31))];

    [Test]
    public async Task What_was_read_is_read_again_and_the_rest_follows([Values(0, 1, 5_000, 99_999, 100_000)] int before)
    {
        using var body = new ReplayBody(new Trickle(Bytes), 1 << 20);
        await ReadAsync(body.Open(), before);

        Assert.That(body.IsKept, Is.True);
        Assert.That(await ReadAsync(body.Open(), int.MaxValue), Is.EqualTo(Bytes));
        Assert.That(await ReadAsync(body.Open(), int.MaxValue), Is.EqualTo(Bytes));
    }

    [Test]
    public async Task A_body_beyond_the_limit_passes_whole_once_and_not_again()
    {
        using var body = new ReplayBody(new Trickle(Bytes), 50_000);

        Assert.That(await ReadAsync(body.Open(), int.MaxValue), Is.EqualTo(Bytes));
        Assert.That(body.IsKept, Is.False);
        Assert.That(() => body.Open(), Throws.InvalidOperationException);
    }

    [Test]
    public async Task Of_a_long_body_the_beginning_can_be_sent_again()
    {
        using var body = new ReplayBody(new Trickle(Bytes), 50_000);
        await ReadAsync(body.Open(), 20_000);

        Assert.That(body.IsKept, Is.True);
        Assert.That(await ReadAsync(body.Open(), int.MaxValue), Is.EqualTo(Bytes));
    }

    [Test]
    public async Task A_body_of_just_the_limit_is_kept()
    {
        using var body = new ReplayBody(new Trickle(Bytes), Bytes.Length);
        await ReadAsync(body.Open(), int.MaxValue);

        Assert.That(await ReadAsync(body.Open(), int.MaxValue), Is.EqualTo(Bytes));
    }

    private static async Task<byte[]> ReadAsync(Stream stream, int most)
    {
        using var all = new MemoryStream();
        var buffer = new byte[4096];
        while (all.Length < most)
        {
            var got = await stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, most - all.Length)));
            if (got == 0) break;
            all.Write(buffer, 0, got);
        }
        return all.ToArray();
    }

    /// <summary>Gives what it has in odd pieces, as a network does.</summary>
    private sealed class Trickle(byte[] bytes) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, 777)], cancellationToken);
    }
}
