using AiDc.Api;
using AiDc.Trainer.Distributed;
using AiDc.Trainer.Distributed.Collectives;
using AiDc.Trainer.Hosting;
using AiDc.Trainer.Reporting;

namespace AiDc.Trainer.Training;

/// <summary>
/// A run through all the groups that it trains in: each begins with one state for all of its ranks, and when one is lost the run goes on in
/// the next from its last committed step.
/// </summary>
internal sealed class GroupTraining(
    TrainingOptions options, TrainerServices services, IRankGroups groups, TrainingRun run, StateSynchronisation state, TrainingLoop loop, CheckpointSaver saver,
    TrainingMeter meter)
{
    private Divergence _divergence = Divergence.None;

    /// <param name="finish">Tests the model and writes the result, in a group.</param>
    /// <param name="finished">The result if it is there already: others may have ended while this rank's connection broke.</param>
    public TrainingResult Run(Func<RankGroup, TrainingResult> finish, Func<TrainingResult?> finished)
    {
        groups.Prepared();
        while (true)
        {
            var group = Next();
            var finishing = false;
            try
            {
                Begin(group);
                Train(group);
                finishing = true;
                group.Enter();
                return finish(group);
            }
            catch (CollectiveException error)
            {
                if (finishing && finished() is { } result) return result;
                services.Log.Note(new("info", "group-lost", $"the group of generation {group.Generation} is lost at step {run.Step}: {error.Message}"));
                groups.Lost(group, run.Position, error);
            }
        }
    }

    private RankGroup Next()
    {
        switch (groups.Next(run.Position))
        {
            case NextGroup.Train next:
                return next.Group;
            case NextGroup.Leave leave:
                if (leave.WritesCheckpoint) saver.Save(run, wait: true);
                else saver.Wait();
                throw new StoppedException(services.Stop.Requested ? services.Stop.ExitCode : ExitCodes.Terminated);
            default:
                throw new InvalidOperationException("no group and no end of it");
        }
    }

    private void Begin(RankGroup group)
    {
        var had = run.Position;
        var (source, isKept) = state.Begin(group);
        if (isKept) saver.Nothing(run);
        else if (!had.HasState || run.Position.Step != had.Step) saver.Unsaved();
        groups.Joined(group, run.Position);
        if (source is not null || run.Step > 0)
        {
            var from = source is null ? "memory" : source;
            services.Log.Note(new("info", "resumed", $"continuing at step {run.Step} (epoch {run.Epoch + 1}, batch {run.BatchInEpoch + 1}) from {from}"));
        }

        if (group.Size > 1)
            services.Log.Note(new("info", "group", $"generation {group.Generation}: rank {group.Rank} of {group.Size} at step {run.Step}"));
    }

    private void Train(RankGroup group)
    {
        while (true)
        {
            try
            {
                loop.Run(group);
                return;
            }
            catch (NotFiniteException error)
            {
                GoBack(group, error);
            }
        }
    }

    /// <summary>What was looked at is the same on every rank, so all come here at the same step.</summary>
    private void GoBack(RankGroup group, NotFiniteException error)
    {
        _divergence = _divergence.After(error.Step);
        if (_divergence.IsLasting) throw Diverged(error, "again, after the run went back to a checkpoint");
        saver.Wait();
        var source = state.Reload(group) ?? throw Diverged(error, "and there is no checkpoint to go back to");
        saver.Nothing(run);
        meter.AfterRollback();
        groups.Joined(group, run.Position);
        services.Log.Note(new("warning", "diverging", $"{error.Message}: going back to step {run.Step}, from {source}"));
    }

    private DivergedException Diverged(NotFiniteException error, string why) => new(
        $"{error.Message}, {why}: training diverged. Use a lower --learning-rate (now {options.Optimizer.LearningRate}), or warm up with --warmup-steps");
}
