using AiDc.ControllerRuntime.Queues;
using Microsoft.Extensions.Time.Testing;

namespace AiDc.ControllerRuntime.Tests;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class WorkQueueTests : IDisposable
{
    private readonly FakeTimeProvider clock = new();
    private readonly WorkQueue<string> queue;

    public WorkQueueTests() => queue = new(clock);

    public void Dispose() => queue.Dispose();

    [Test]
    public async Task A_key_added_twice_waits_once()
    {
        queue.Add("a");
        queue.Add("a");
        Assert.That(queue.Depth, Is.EqualTo(1));
        Assert.That(await TakeAsync(), Is.EqualTo("a"));
        queue.Done("a");
        Assert.That(await IsEmptyAsync(), Is.True);
    }

    [Test]
    public async Task A_key_that_comes_when_the_queue_is_closed_is_let_go()
    {
        queue.Add("a");
        await TakeAsync();
        queue.Add("a");
        queue.Dispose();
        Assert.That(() => queue.Add("b"), Throws.Nothing);
        Assert.That(() => queue.Done("a"), Throws.Nothing);
    }

    [Test]
    public async Task A_key_added_while_it_is_worked_on_is_not_given_to_a_second_worker_but_waits_again_when_done()
    {
        queue.Add("a");
        await TakeAsync();
        queue.Add("a");
        queue.Add("a");
        Assert.That(await IsEmptyAsync(), Is.True);
        queue.Done("a");
        Assert.That(await TakeAsync(), Is.EqualTo("a"));
        queue.Done("a");
        Assert.That(await IsEmptyAsync(), Is.True);
    }

    [Test]
    public async Task Live_changes_overtake_those_of_low_priority_and_lift_a_key_out_of_them()
    {
        queue.Add("old-1", lowPriority: true);
        queue.Add("old-2", lowPriority: true);
        queue.Add("live");
        queue.Add("old-2");
        Assert.That(new[] { await TakeAsync(), await TakeAsync(), await TakeAsync() }, Is.EqualTo(["live", "old-2", "old-1"]));
        foreach (var key in new[] { "live", "old-1", "old-2" }) queue.Done(key);
        Assert.That(await IsEmptyAsync(), Is.True);
    }

    [Test]
    public async Task Low_priority_is_not_starved()
    {
        queue.Add("low", lowPriority: true);
        for (var i = 0; i < 40; i++) queue.Add($"high-{i}");
        var taken = new List<string>();
        for (var i = 0; i < 20; i++) taken.Add(await TakeAsync());
        Assert.That(taken, Does.Contain("low"));
    }

    [Test]
    public async Task A_delayed_key_comes_at_its_time_and_the_earliest_counts()
    {
        queue.AddAfter("a", TimeSpan.FromSeconds(10));
        queue.AddAfter("a", TimeSpan.FromSeconds(5));
        queue.AddAfter("a", TimeSpan.FromSeconds(20));
        queue.AddAfter("b", TimeSpan.FromDays(60));
        clock.Advance(TimeSpan.FromSeconds(4.9));
        Assert.That((await IsEmptyAsync(), queue.Delayed), Is.EqualTo((true, 2)));
        clock.Advance(TimeSpan.FromSeconds(0.2));
        Assert.That(await TakeAsync(), Is.EqualTo("a"));
        queue.Done("a");
        clock.Advance(TimeSpan.FromSeconds(30));
        Assert.That(await IsEmptyAsync(), Is.True, "the later times of a are void");
        clock.Advance(TimeSpan.FromDays(61));
        Assert.That(await TakeAsync(), Is.EqualTo("b"));
    }

    [Test]
    public async Task Many_workers_never_hold_one_key_together_and_lose_none()
    {
        var held = new Dictionary<string, int>();
        var worked = 0;
        using var stop = new CancellationTokenSource();
        var workers = Enumerable.Range(0, 8).Select(_ => Task.Run(WorkAsync)).ToArray();
        for (var i = 0; i < 5000; i++) queue.Add($"k{i % 7}", lowPriority: i % 3 == 0);
        await Testing.Eventually.Assert(() => queue.Depth == 0 && queue.LongestRunning == TimeSpan.Zero);
        queue.Add("last");
        await Testing.Eventually.Assert(() => queue.Depth == 0);
        await stop.CancelAsync();
        await Task.WhenAll(workers);
        Assert.That(worked, Is.GreaterThanOrEqualTo(8));
        Assert.That(held.Values, Is.All.Zero);

        async Task WorkAsync()
        {
            try
            {
                while (true)
                {
                    var (key, _) = await queue.GetAsync(stop.Token);
                    lock (held) Assert.That(held[key] = held.GetValueOrDefault(key) + 1, Is.EqualTo(1));
                    await Task.Yield();
                    lock (held) held[key]--;
                    Interlocked.Increment(ref worked);
                    queue.Done(key);
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    [Test]
    public void Failures_double_the_delay_up_to_five_minutes_and_success_forgets_them()
    {
        var backoff = new Backoff<string>(clock, () => 0);
        var delays = Enumerable.Range(0, 20).Select(_ => backoff.Next("a").TotalMilliseconds).ToList();
        Assert.That(delays[..4], Is.EqualTo([5.0, 10, 20, 40]));
        Assert.That(delays[^1], Is.EqualTo(300_000));
        Assert.That(backoff.Next("b").TotalMilliseconds, Is.EqualTo(5), "keys are apart");
        backoff.Forget("a");
        Assert.That((backoff.Failures("a"), backoff.Next("a").TotalMilliseconds), Is.EqualTo((0, 5.0)));
    }

    [Test]
    public void A_thousand_failing_keys_share_ten_retries_a_second()
    {
        var backoff = new Backoff<int>(clock, () => 0);
        var delays = Enumerable.Range(0, 1000).Select(backoff.Next).ToList();
        Assert.That(delays[50], Is.EqualTo(TimeSpan.FromMilliseconds(5)), "the burst");
        Assert.That(delays[999].TotalSeconds, Is.EqualTo(90).Within(0.1));
        clock.Advance(TimeSpan.FromSeconds(200));
        Assert.That(backoff.Next(5000), Is.EqualTo(TimeSpan.FromMilliseconds(5)), "the bucket is full again");
    }

    private async Task<string> TakeAsync() => (await queue.GetAsync(default).WaitAsync(TimeSpan.FromSeconds(10))).Key;

    private async Task<bool> IsEmptyAsync()
    {
        using var now = new CancellationTokenSource();
        var get = queue.GetAsync(now.Token);
        await now.CancelAsync();
        try
        {
            await get;
            return false;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
    }
}
