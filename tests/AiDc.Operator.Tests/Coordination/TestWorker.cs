using System.Collections.Concurrent;
using AiDc.Coordination.V1;
using AiDc.Coordination;

namespace AiDc.Operator.Tests.Coordination;

/// <summary>A worker pod's side: the trainer's own client with files as the kubelet would write them.</summary>
internal sealed class TestWorker : IAsyncDisposable
{
    private readonly string folder;

    public TestWorker(Uri address, string caBundle, string token, string job = "team/digits", int attempt = 1, int index = 0, GangLink? gang = null)
    {
        folder = Directory.CreateTempSubdirectory("aidc-worker-").FullName;
        File.WriteAllText(TokenFile, token);
        File.WriteAllText(Path.Combine(folder, "ca.crt"), caBundle);
        Settings = new(address, job, attempt, index, TokenFile, Path.Combine(folder, "ca.crt"));
        Client = new CoordinatorClient(Settings, TimeProvider.System, () => 0.5, Notes.Enqueue, gang);
    }

    public string TokenFile => Path.Combine(folder, "token");

    public CoordinatorSettings Settings { get; }

    public CoordinatorClient Client { get; }

    /// <summary>What the worker's log says about the connection.</summary>
    public ConcurrentQueue<string> Notes { get; } = new();

    public void AtStep(long step, double loss = 0.5) => Client.Report(
        new Heartbeat { Phase = Phase.Training, Step = step },
        new Progress { Epoch = 1, Epochs = 3, Step = step, TotalSteps = 100, Loss = loss, StepSeconds = 0.01, SamplesPerSecond = 100 });

    public Task Noted(string text) => Until.True(() => Notes.Any(n => n.Contains(text, StringComparison.Ordinal)), $"the worker says '{text}'; it said: {string.Join(" | ", Notes)}");

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }
}
