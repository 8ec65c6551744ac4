using AiDc.Gateway.Bodies;


namespace AiDc.Gateway.Tests.Bodies;

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

    [Test]
    public async Task What_is_taken_in_before_is_read_by_every_attempt()
    {
        var budget = new BodyBudget(1 << 20);
        using var body = new ReplayBody(new Trickle(Bytes), 1 << 20, budget, Bytes.Length);
        await body.FillAsync(Timeout.InfiniteTimeSpan, TimeProvider.System, default);

        Assert.That((body.IsWhole, body.IsKept, budget.Used > 0), Is.EqualTo((true, true, true)));
        Assert.That(await ReadAsync(body.Open(), int.MaxValue), Is.EqualTo(Bytes));
        Assert.That(await ReadAsync(body.Open(), int.MaxValue), Is.EqualTo(Bytes));
        body.Dispose();
        Assert.That(budget.Used, Is.Zero);
    }

    [Test]
    public async Task Without_a_budget_left_it_streams_whole_and_once([Values(0, 16 * 1024, 40_000)] int bytes)
    {
        var budget = new BodyBudget(bytes);
        using var body = new ReplayBody(new Trickle(Bytes), 1 << 20, budget);
        await body.FillAsync(Timeout.InfiniteTimeSpan, TimeProvider.System, default);

        Assert.That((body.IsWhole, body.IsKept, budget.Used <= bytes), Is.EqualTo((false, true, true)));
        Assert.That(await ReadAsync(body.Open(), int.MaxValue), Is.EqualTo(Bytes));
        Assert.That((body.IsKept, budget.Used), Is.EqualTo((false, 0L)));
    }

    [Test]
    public async Task A_read_that_an_attempt_gave_up_is_the_next_ones()
    {
        var source = new Late();
        using var body = new ReplayBody(source, 1 << 20);
        using var ended = new CancellationTokenSource();
        var first = body.Open().ReadAsync(new byte[10], ended.Token);
        await ended.CancelAsync();
        await Assert.ThatAsync(() => first.AsTask(), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(body.IsAwaited, Is.True);

        var second = ReadAsync(body.Open(), 5);
        source.Come.SetResult("hello"u8.ToArray());

        Assert.That(await second, Is.EqualTo("hello"u8.ToArray()));
        Assert.That((body.IsKept, source.WasCancelled), Is.EqualTo((true, false)));
    }

    [Test]
    public async Task Once_the_answer_begins_it_is_let_go_as_it_is_read()
    {
        var budget = new BodyBudget(1 << 20);
        using var body = new ReplayBody(new Trickle(Bytes), 1 << 20, budget, Bytes.Length);
        await body.FillAsync(Timeout.InfiniteTimeSpan, TimeProvider.System, default);
        var stream = body.Open();
        var beginning = await ReadAsync(stream, 60_000);

        body.Release();
        Assert.That((body.IsKept, budget.Used > 0), Is.EqualTo((false, true)), "the replica still reads");
        var rest = await ReadAsync(stream, int.MaxValue);

        Assert.That(beginning.Concat(rest), Is.EqualTo(Bytes));
        Assert.That(budget.Used, Is.Zero);
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

    /// <summary>Gives something when it is told to.</summary>
    private sealed class Late : MemoryStream
    {
        public TaskCompletionSource<byte[]> Come { get; } = new();

        public bool WasCancelled { get; private set; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            using var onCancel = cancellationToken.Register(() => WasCancelled = true);
            var bytes = await Come.Task;
            bytes.CopyTo(buffer);
            return bytes.Length;
        }
    }

    /// <summary>Gives what it has in odd pieces, as a network does.</summary>
    private sealed class Trickle(byte[] bytes) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, 777)], cancellationToken);
    }
}
