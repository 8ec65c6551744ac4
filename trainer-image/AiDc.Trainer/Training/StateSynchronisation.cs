using AiDc.Trainer.Checkpoints;
using AiDc.Trainer.Distributed;
using static TorchSharp.torch;

namespace AiDc.Trainer.Training;

/// <summary>
/// Brings all ranks of a new group to one state: the furthest that any of them holds, or, where none holds any, the newest checkpoint's, or
/// a fresh one. The state goes from memory to memory, and a rank takes it whole or not at all.
/// </summary>
/// <param name="load">Reads the newest valid checkpoint; null when there is none. Called by the owner only.</param>
internal sealed class StateSynchronisation(TrainingRun run, Func<StateSynchronisation.Loaded?> load, Device device)
{
    private const int Fields = 5;

    /// <param name="Path">Where it was read from.</param>
    internal sealed record Loaded(Checkpoint Checkpoint, string Path, int Generation);

    /// <summary>Called by every rank of a new group before anything else.</summary>
    /// <returns>What was done, for the log, null when all had the same state already; and whether the state is known to be in a checkpoint, or is that of a new run.</returns>
    public (string? Source, bool IsKept) Begin(RankGroup group)
    {
        var positions = Positions(group);
        var best = positions.Max();
        if (!best.HasState)
        {
            var source = Load(group, group.Owner, required: false);
            run.Agree(group.Generation, 0);
            return (source, true);
        }

        // The leader knows the steps only; which of two memberships a step was done in is seen here.
        var owner = positions[group.Owner] == best ? group.Owner : positions.IndexOf(best);
        var behind = positions.Count(p => p != best);
        if (behind > 0) Share(group, owner);
        run.Agree(group.Generation, 0);
        return (behind > 0 ? $"{behind} of {group.Size} ranks took the state of rank {owner} at step {run.Step}" : null, false);
    }

    /// <summary>Goes back to the newest checkpoint, on every rank of the group.</summary>
    /// <returns>Where it came from; null when there is no checkpoint: then nothing was changed.</returns>
    public string? Reload(RankGroup group)
    {
        var source = Load(group, owner: 0, required: true);
        if (source is not null) run.Agree(group.Generation, run.Replay + 1);
        return source;
    }

    private string? Load(RankGroup group, int owner, bool required)
    {
        var loaded = group.Rank == owner ? load() : null;
        if (loaded is not null)
        {
            run.Restore(loaded.Checkpoint, loaded.Path);
            run.CheckpointGeneration = Math.Max(run.CheckpointGeneration, loaded.Generation);
        }

        if (required && !AnyLoaded(group, owner, loaded is not null)) return null;
        if (group.Size > 1) Share(group, owner);
        return loaded?.Path ?? (required ? $"rank {owner}" : null);
    }

    private bool AnyLoaded(RankGroup group, int owner, bool loaded)
    {
        using var scope = NewDisposeScope();
        var flag = tensor(new[] { loaded ? 1L : 0L }, int64).to(device);
        group.Broadcast(flag, owner);
        return flag.cpu().item<long>() != 0;
    }

    private void Share(RankGroup group, int owner)
    {
        if (group.Rank == owner)
        {
            StateImage.Send(group, owner, run.Snapshot(), run.CheckpointGeneration, device);
            return;
        }

        var (state, generation) = StateImage.Receive(group, owner, device);
        run.Restore(state, $"the state of rank {owner}");
        run.CheckpointGeneration = Math.Max(run.CheckpointGeneration, generation);
    }

    private List<RunPosition> Positions(RankGroup group)
    {
        using var scope = NewDisposeScope();
        var p = run.Position;
        var own = tensor(new[] { p.HasState ? 1L : 0L, p.Generation, p.Replay, p.Step, p.Epoch }, int64).to(device);
        var all = zeros([(long)group.Size * Fields], int64, device);
        group.Gather(all, own);
        var values = all.cpu().data<long>().ToArray();
        return [.. values.Chunk(Fields).Select(v => v[0] != 0 ? new RunPosition(true, v[1], (int)v[2], v[3], (int)v[4]) : default)];
    }
}
