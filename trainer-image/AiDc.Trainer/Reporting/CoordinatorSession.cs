using AiDc.Coordination;
using AiDc.Coordination.V1;
using Phase = AiDc.Coordination.V1.Phase;

namespace AiDc.Trainer.Reporting;

/// <summary>The operator as one of those that want to know how the run goes.</summary>
public sealed class CoordinatorSession : IProgressSink, IDisposable
{
    /// <summary>How long the end of the run waits for the operator to have heard of it.</summary>
    private static readonly TimeSpan Flush = TimeSpan.FromSeconds(3);

    private readonly CoordinatorClient client;

    private CoordinatorSession(CoordinatorClient client) => this.client = client;

    /// <summary>Connects in the background; null where the environment names no operator.</summary>
    /// <param name="variable">Reads an environment variable.</param>
    /// <param name="random">Uniform in [0, 1), for the back-off.</param>
    /// <param name="note">Takes a line for the log when the connection changes.</param>
    /// <param name="gang">Of a worker that trains together with others; null for one by itself.</param>
    internal static CoordinatorSession? FromEnvironment(
        Func<string, string?> variable, TimeProvider clock, Func<double> random, Action<string> note, GangLink? gang = null) =>
        CoordinatorSettings.FromEnvironment(variable) is { } settings ? new(new CoordinatorClient(settings, clock, random, note, gang)) : null;

    public void Report(TrainingProgress progress) => client.Report(
        new Heartbeat { Phase = PhaseOf(progress.Phase), Step = progress.Step }, ProgressOf(progress));

    public void CheckpointSaved(CheckpointInfo checkpoint) => client.CheckpointSaved(new CheckpointSaved
    {
        Generation = checkpoint.Generation,
        Step = checkpoint.Step,
        Path = checkpoint.Path,
        Bytes = checkpoint.Bytes,
        Seconds = checkpoint.Duration.TotalSeconds,
    });

    public void Finished(TrainingResult result)
    {
        var finished = new Finished { ResultPath = result.Path };
        finished.Metrics.Add(result.Metrics.ToDictionary());
        client.Finished(finished);
    }

    public void Dispose() => DisposeAsync().GetAwaiter().GetResult();

    private async Task DisposeAsync()
    {
        await client.FlushAsync(Flush).ConfigureAwait(false);
        await client.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Before the first step of this process there is no loss and no speed: then they are not said.</summary>
    private static Progress ProgressOf(TrainingProgress p)
    {
        var message = new Progress { Epoch = p.Epoch, Epochs = p.Epochs, Step = p.Step, TotalSteps = p.TotalSteps };
        message.Metrics.Add(p.Metrics.ToDictionary());
        if (double.IsFinite(p.Loss))
            message.Loss = p.Loss;
        if (p.StepSeconds <= 0)
            return message;
        message.StepSeconds = p.StepSeconds;
        message.SamplesPerSecond = p.SamplesPerSecond;
        message.DataWaitShare = p.DataWaitShare;
        return message;
    }

    private static Phase PhaseOf(TrainingPhase phase) => phase switch
    {
        TrainingPhase.Loading => Phase.Loading,
        TrainingPhase.Training => Phase.Training,
        TrainingPhase.Validating => Phase.Validating,
        TrainingPhase.Testing => Phase.Testing,
        _ => Phase.Unspecified,
    };
}
