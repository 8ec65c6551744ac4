using AiDc.Api.V1Alpha1;
using AiDc.Api.Values;

namespace AiDc.Api.Validation;

/// <summary>Rules about exit codes that contradict each other.</summary>
internal static class FailureRules
{
    private static readonly TimeSpan ShortestSilence = TimeSpan.FromSeconds(1);

    public static void Check(TrainingJobSpec spec, Errors errors)
    {
        CheckLostWorkerAfter(spec.Failure?.LostWorkerAfter, errors);
        var firstRuleOf = new Dictionary<int, int>();
        for (var i = 0; i < (spec.Failure?.Rules?.Count ?? 0); i++)
        {
            if (spec.Failure!.Rules[i] is not { } rule)
                continue;
            var path = $"spec.failure.rules[{i}].exitCodes";
            foreach (var code in rule.ExitCodes ?? [])
            {
                if (!firstRuleOf.TryAdd(code, i))
                    errors.Add(path, $"has {code}, which spec.failure.rules[{firstRuleOf[code]}] has already", "name each exit code once");
            }

            if (spec.Trainer is not null && rule.Action == FailureAction.Restart && rule.ExitCodes?.Contains(ExitCodes.Configuration) == true)
            {
                errors.Add(
                    path,
                    $"has {ExitCodes.Configuration}, with which the built-in trainer says that its configuration or its data is wrong: a restart would not fix that",
                    $"remove {ExitCodes.Configuration}");
            }
        }
    }

    private static void CheckLostWorkerAfter(string? text, Errors errors)
    {
        if (GoDuration.TryParse(text, out var time) && time > TimeSpan.Zero && time < ShortestSilence)
        {
            errors.Add(
                "spec.failure.lostWorkerAfter",
                $"'{text}' is shorter than two heartbeats, which come every half second: workers that live would be taken for lost",
                "set it to 1s or more; 3s is a good value");
        }
    }
}
