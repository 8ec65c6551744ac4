using System.Collections.Concurrent;

namespace AiDc.Gateway.Tests.Wire;

/// <summary>Callers that send one request after another until they are told to end, and keep account of it.</summary>
internal sealed class Traffic : IAsyncDisposable
{
    private readonly CancellationTokenSource ending = new();
    private readonly Task[] callers;
    private int sent;

    private Traffic(int callers, Func<string, Task<HttpResponseMessage>> send) =>
        this.callers = [.. Enumerable.Range(0, callers).Select(caller => Task.Run(() => CallAsync(caller, send)))];

    /// <summary>What went wrong, each failure in a line.</summary>
    public ConcurrentQueue<string> Failures { get; } = [];

    /// <summary>Answered with 200.</summary>
    public ConcurrentQueue<string> Answered { get; } = [];

    public int Sent => Volatile.Read(ref sent);

    public static Traffic Start(int callers, Func<string, Task<HttpResponseMessage>> send) => new(callers, send);

    /// <summary>Returns once so many more requests were answered.</summary>
    public Task MoreAsync(int count)
    {
        var goal = Answered.Count + count;
        return Testing.Eventually.Assert(() => Answered.Count >= goal, TimeSpan.FromSeconds(60), $"{count} more requests are answered; failures: {string.Join("; ", Failures.Take(3))}");
    }

    public async Task EndAsync()
    {
        await ending.CancelAsync();
        await Task.WhenAll(callers);
    }

    public async ValueTask DisposeAsync() => await EndAsync();

    private async Task CallAsync(int caller, Func<string, Task<HttpResponseMessage>> send)
    {
        for (var i = 0; !ending.IsCancellationRequested; i++)
        {
            var id = $"{caller}-{i}";
            Interlocked.Increment(ref sent);
            try
            {
                using var response = await send(id);
                if ((int)response.StatusCode == 200) Answered.Enqueue(id);
                else Failures.Enqueue($"{id}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
            }
            catch (Exception e)
            {
                Failures.Enqueue($"{id}: {e.Message}");
            }
        }
    }
}
