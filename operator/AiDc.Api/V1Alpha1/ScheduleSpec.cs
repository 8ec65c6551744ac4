using System.ComponentModel.DataAnnotations;
using AiDc.Api.Schema;

namespace AiDc.Api.V1Alpha1;

/// <summary>How the learning rate changes over the run.</summary>
[Rule("self.name != 'step' || has(self.stepEpochs)", "the schedule 'step' needs stepEpochs: after how many epochs the rate falls")]
[Rule("self.name == 'step' || !has(self.stepEpochs)", "only the schedule 'step' takes stepEpochs: set schedule.name to step, or leave stepEpochs out")]
[Rule(
    "self.name == 'step' || self.name == 'exponential' || !has(self.gamma)",
    "only the schedules 'step' and 'exponential' take gamma: set schedule.name to one of them, or leave gamma out")]
public sealed record ScheduleSpec
{
    /// <summary>
    /// constant; step: times gamma every stepEpochs epochs; exponential: times gamma every epoch; cosine: down to 0 over the run
    /// along half a cosine.
    /// </summary>
    [AllowedValues("constant", "step", "cosine", "exponential")]
    public string Name { get; init; } = "constant";

    /// <summary>Over how many steps the rate rises from 0 to its value at first.</summary>
    [Range(0, 1_000_000_000)]
    public int WarmupSteps { get; init; }

    /// <summary>For step: after how many epochs the rate falls each time.</summary>
    [Range(1, 100_000)]
    public int? StepEpochs { get; init; }

    /// <summary>For step and exponential: what the rate is multiplied by; 0.1 for step and 0.95 for exponential when left out.</summary>
    [Range(0.0, 1.0), ExclusiveMinimum(0)]
    public double? Gamma { get; init; }

    /// <summary>What the rate is multiplied by, with the schedule's own default; null for schedules without one.</summary>
    public double? EffectiveGamma() => Name switch
    {
        "step" => Gamma ?? 0.1,
        "exponential" => Gamma ?? 0.95,
        _ => null,
    };
}
