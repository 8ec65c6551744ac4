using System.Collections.Concurrent;

namespace AiDc.ControllerRuntime.Tests;

/// <summary>What is to go wrong in reconciles, and what was seen of them.</summary>
internal sealed class MarkedMapScript
{
    private readonly ConcurrentDictionary<string, ConcurrentQueue<Exception>> failures = new();
    private readonly ConcurrentDictionary<string, int> running = new();
    private readonly ConcurrentDictionary<string, int> runs = new();
    private string? blocked;
    private int mostAtOnce;
    private int cancelled;

    public int MostAtOnceOfOneKey => mostAtOnce;

    public int Cancelled => cancelled;

    public void Next(string name, params Exception[] exceptions) => failures[name] = new(exceptions);

    public void Block(string name) => blocked = name;

    public int Runs(string name) => runs.GetValueOrDefault(name);

    public async Task EnterAsync(string name, CancellationToken ct)
    {
        runs.AddOrUpdate(name, 1, (_, n) => n + 1);
        if (failures.TryGetValue(name, out var queue) && queue.TryDequeue(out var failure)) throw failure;
        if (blocked == name)
        {
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, ct);
            }
            catch (OperationCanceledException)
            {
                Interlocked.Increment(ref cancelled);
                throw;
            }
        }
        var now = running.AddOrUpdate(name, 1, (_, n) => n + 1);
        if (now > mostAtOnce) mostAtOnce = now;
    }

    public void Leave(string name) => running.AddOrUpdate(name, 0, (_, n) => n - 1);
}
