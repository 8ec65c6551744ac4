using AiDc.Api;
using AiDc.Coordination;
using AiDc.Coordination.Values;
using AiDc.Trainer.Checkpoints;
using AiDc.Trainer.Distributed;
using AiDc.Trainer.Distributed.Collectives;
using AiDc.Trainer.Distributed.Local;
using AiDc.Trainer.Hosting;
using AiDc.Trainer.Storage;
using AiDc.Trainer.Training;

namespace AiDc.Trainer.Cli;

/// <summary>Who says to a process that trains together with others who those are.</summary>
internal sealed class GroupChoice(TogetherOptions together, TrainingOptions options, CommandContext context, StopSignal stop, StorageFolders storage)
{
    private static readonly TimeSpan UsualGrace = TimeSpan.FromSeconds(30);

    /// <param name="gang">What goes to and fro with a leader.</param>
    /// <param name="hasOperator">Whether the environment names an operator.</param>
    /// <param name="others">The other processes of this pod; null when there are none.</param>
    /// <exception cref="ConfigurationException">Nobody says it.</exception>
    public IRankGroups Make(GangLink? gang, bool hasOperator, ILocalProcesses? others)
    {
        var backend = CollectiveBackends.For(TorchRuntime.BestDevice(), context.Environment);
        if (together.LocalRank is not null) return new ParentGroups(context.In, context.ClaimOut?.Invoke() ?? context.Out, backend, stop, context.Time);
        if (together.Rendezvous is { } folder)
            return new FixedGroup(RendezvousSettings.FromEnvironment(folder, context.Environment), backend, NextGeneration, context.Time, stop.Token);
        if (!hasOperator || CoordinatorSettings.FromEnvironment(context.Environment) is not { } coordinator)
        {
            throw new ConfigurationException(
                "--distributed: nobody says who trains together. Name a folder with --rendezvous, and set RANK and WORLD_SIZE; or run it as a job, where AIDC_COORDINATOR names the operator");
        }

        var identity = new GangIdentity(coordinator.WorkerIndex, PodIdentity.Uid(context.Environment, coordinator.TokenFile));
        return new CoordinatedGroups(gang!, backend, new(identity, Grace()), others, stop, context.Time);
    }

    private long NextGeneration() => options.Checkpoints is { } c
        ? 1 + new CheckpointStore(storage.Open(c.Folder), c.Keep, context.Time, context.NewUid).NewestGeneration()
        : 1;

    private TimeSpan Grace()
    {
        if (context.Environment(PodVariables.GracePeriod) is not { } text) return UsualGrace;
        return Duration.TryParse(text, out var grace) && grace > TimeSpan.Zero
            ? grace
            : throw new ConfigurationException($"AIDC_GRACE_PERIOD={text}: write a duration like 30s");
    }
}
