using AiDc.Api;
using AiDc.ControllerRuntime.Controllers;
using AiDc.Operator.Planning;
using AiDc.Operator.Training.Jobs;

namespace AiDc.Operator.Training.Policies;

/// <summary>How long to wait before the gang is started again: 1 s, 2 s, 4 s … 5 min, spread by a fifth either way.</summary>
public static class RestartBackoff
{
    /// <summary>How many failures in a row one more makes. A gang that ran for long before starts a new row.</summary>
    public static int FailuresInRow(JobView view)
    {
        var running = ConditionHelper.Find(view.Status.Conditions, ConditionTypes.Running);
        var healthy = running is { Status: "True", LastTransitionTime: { } since } && view.Now - since >= view.Options.HealthyRun;
        return healthy ? 1 : view.Status.FailuresInRow + 1;
    }

    /// <param name="failuresInRow">From 1.</param>
    /// <param name="seed">Jobs that fail together must not come back together.</param>
    public static TimeSpan Delay(int failuresInRow, string seed, TrainingOptions options) =>
        BackoffPolicy.Delay(failuresInRow, seed, options.FirstBackoff, options.LongestBackoff);
}
