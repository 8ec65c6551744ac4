using System.Security.Cryptography;
using AiDc.ControllerRuntime.Hosting;
using AiDc.Operator.Configuration;
using AiDc.Operator.Coordination;
using Microsoft.Extensions.Options;

namespace AiDc.Operator.Hosting;

/// <summary>The runtime's settings, from the operator's.</summary>
internal sealed class RuntimeOptions(IOptions<OperatorOptions> options) : IConfigureOptions<KubernetesOperatorOptions>
{
    public void Configure(KubernetesOperatorOptions runtime)
    {
        var o = options.Value;
        runtime.Name = "aidc-operator";
        runtime.Namespace = o.Namespace;
        runtime.WatchNamespace = o.WatchNamespace.Length > 0 ? o.WatchNamespace : null;
        runtime.LeaderElection = o.LeaderElection;
        runtime.Identity = LeaderIdentity.Create(o.PodName, o.PodIP, o.CoordinatorPort, RandomNumberGenerator.GetHexString(8, lowercase: true)).ToString();
    }
}
