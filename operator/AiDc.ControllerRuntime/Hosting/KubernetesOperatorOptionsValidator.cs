using Microsoft.Extensions.Options;

namespace AiDc.ControllerRuntime.Hosting;

/// <summary>Refuses settings that cannot work, all at once, when the host starts.</summary>
internal sealed class KubernetesOperatorOptionsValidator : IValidateOptions<KubernetesOperatorOptions>
{
    public ValidateOptionsResult Validate(string? name, KubernetesOperatorOptions options)
    {
        var errors = new List<string>();
        Require(options.Name.Length > 0, "Name is empty: give the operator's name, for example aidc-operator.");
        Require(options.MeterName.Length > 0, "MeterName is empty: give the prefix of the metrics.");
        Require(options.CacheSyncTimeout > TimeSpan.Zero, $"CacheSyncTimeout is {options.CacheSyncTimeout}: it must be above zero.");
        Require(options.ReconcileTimeout > TimeSpan.Zero, $"ReconcileTimeout is {options.ReconcileTimeout}: it must be above zero.");
        Require(options.LivenessTimeout > TimeSpan.FromMinutes(11),
            $"LivenessTimeout is {options.LivenessTimeout}: a quiet watch may last 10.5 minutes, so it must be above 11.");
        Require(options.CreateConcurrency is >= 1 and <= 256, $"CreateConcurrency is {options.CreateConcurrency}: it must be 1 to 256.");
        Require(options.RequestsPerSecond is null or > 0, $"RequestsPerSecond is {options.RequestsPerSecond}: leave it out for no limit.");
        if (options.LeaderElection) CheckElection();
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);

        void CheckElection()
        {
            Require(options.Identity.Length > 0, "Identity is empty: give something unique, for example pod name, address and a random part.");
            Require(options.Namespace.Length > 0, "Namespace is empty: name the operator's own namespace, where its lease lies.");
            Require(options.LeaseDuration >= TimeSpan.FromSeconds(1) && options.LeaseDuration.Ticks % TimeSpan.TicksPerSecond == 0,
                $"LeaseDuration is {options.LeaseDuration}: it must be whole seconds, 1 or more.");
            Require(options.RenewDeadline < options.LeaseDuration,
                $"RenewDeadline ({options.RenewDeadline}) must be below LeaseDuration ({options.LeaseDuration}), or two could lead at once.");
            Require(options.RetryPeriod > TimeSpan.Zero && options.RetryPeriod * 2 < options.RenewDeadline,
                $"RetryPeriod ({options.RetryPeriod}) must be above zero and below half of RenewDeadline ({options.RenewDeadline}).");
        }

        void Require(bool holds, string error)
        {
            if (!holds) errors.Add($"{nameof(KubernetesOperatorOptions)}.{error}");
        }
    }
}
