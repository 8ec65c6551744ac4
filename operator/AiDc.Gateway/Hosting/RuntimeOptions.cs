using AiDc.ControllerRuntime.Hosting;
using AiDc.Gateway.Configuration;
using Microsoft.Extensions.Options;

namespace AiDc.Gateway.Hosting;

/// <summary>The runtime's settings, from the gateway's. It reconciles nothing, so it elects nobody.</summary>
internal sealed class RuntimeOptions(IOptions<GatewayOptions> options) : IConfigureOptions<KubernetesOperatorOptions>
{
    public void Configure(KubernetesOperatorOptions runtime)
    {
        var o = options.Value;
        runtime.Name = "aidc-gateway";
        runtime.Identity = $"{o.PodName}/{o.PodUid}";
        runtime.WatchNamespace = o.WatchNamespace.Length > 0 ? o.WatchNamespace : null;
        runtime.LeaderElection = false;
        // It serves on by what it knows while there is no API server: to start it anew would make an outage of theirs one of ours.
        runtime.LivenessTimeout = TimeSpan.MaxValue;
    }
}
