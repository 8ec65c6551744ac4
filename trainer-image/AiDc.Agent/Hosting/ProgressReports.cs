using AiDc.Agent.Local;
using AiDc.Coordination.V1;

namespace AiDc.Agent.Hosting;

/// <summary>What programs report, as the operator is told of it: of the pod's first rank, as all ranks are at the same step.</summary>
internal sealed class ProgressReports(IGang gang)
{
    public void Take(LocalReport report, int generation, int processes)
    {
        if (report.Checkpoint is { } saved)
            gang.CheckpointSaved(new() { Generation = generation, Step = saved.Step, Path = saved.Path, Bytes = saved.Bytes, Seconds = saved.Seconds });
        if (report.Rank % processes != 0 || report.Step is not { } step)
            return;
        gang.Report(new() { Phase = Phase.Training, Step = step }, ProgressOf(report, step));
    }

    private static Progress ProgressOf(LocalReport report, long step)
    {
        var progress = new Progress { Step = step, TotalSteps = report.TotalSteps ?? 0, Epoch = report.Epoch ?? 0, Epochs = report.Epochs ?? 0 };
        if (report.Loss is { } loss && double.IsFinite(loss))
            progress.Loss = loss;
        if (report.SamplesPerSecond is { } speed && double.IsFinite(speed))
            progress.SamplesPerSecond = speed;
        if (report.StepSeconds is { } seconds && double.IsFinite(seconds))
            progress.StepSeconds = seconds;
        foreach (var (name, value) in report.Metrics ?? [])
            if (double.IsFinite(value))
                progress.Metrics[name] = value;
        return progress;
    }
}
