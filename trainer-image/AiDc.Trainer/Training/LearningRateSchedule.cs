namespace AiDc.Trainer.Training;

/// <summary>The learning rate as a formula of the step, so that a resumed run needs no state to go on with the same rates.</summary>
public static class LearningRateSchedule
{
    /// <param name="baseRate">The optimizer's learning rate.</param>
    /// <param name="step">Steps done before this one, from the beginning of the run.</param>
    /// <param name="stepsPerEpoch">At least 1.</param>
    /// <param name="totalSteps">Steps of the whole run.</param>
    public static double At(ScheduleOptions schedule, double baseRate, long step, long stepsPerEpoch, long totalSteps)
    {
        if (step < schedule.WarmupSteps) return baseRate * (step + 1) / schedule.WarmupSteps;
        var epoch = step / stepsPerEpoch;
        return schedule.Kind switch
        {
            ScheduleKind.Constant => baseRate,
            ScheduleKind.Step => baseRate * Math.Pow(schedule.Gamma, epoch / schedule.StepEpochs),
            ScheduleKind.Exponential => baseRate * Math.Pow(schedule.Gamma, epoch),
            ScheduleKind.Cosine => baseRate * Cosine(step - schedule.WarmupSteps, totalSteps - schedule.WarmupSteps),
            _ => throw new ArgumentOutOfRangeException(nameof(schedule), schedule.Kind, "unknown schedule"),
        };
    }

    private static double Cosine(long step, long steps) => steps <= 0 ? 1 : 0.5 * (1 + Math.Cos(Math.PI * Math.Min(1.0, (double)step / steps)));
}
