using System.Globalization;
using AiDc.ControllerRuntime;
using AiDc.ControllerRuntime.Hosting;
using AiDc.Gateway.Hosting;
using AiDc.Gateway.Services;
using k8s;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace AiDc.Benchmarks.Serving;

/// <summary>
/// The gateway in a process of its own, as its program puts it together, in front of one replica. What its informers would say of service
/// and replica it is told here: there is no API server.
/// </summary>
internal static class GatewayHost
{
    public const string Command = "gateway-host";

    public static readonly NamespacedName Service = new("bench", "mnist");

    /// <param name="ports">The replica's for HTTP and gRPC, the gateway's for HTTP, gRPC and its administration.</param>
    public static async Task<int> RunAsync(string[] ports)
    {
        var numbers = ports.Select(p => int.Parse(p, CultureInfo.InvariantCulture)).ToArray();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Gateway:HttpPort"] = ports[2], ["Gateway:GrpcPort"] = ports[3], ["Gateway:AdminPort"] = ports[4], ["Gateway:PodName"] = "aidc-gateway-0", ["Gateway:PodUid"] = "uid",
        });
        builder.Services.AddSingleton(new KubernetesClientConfiguration { Host = "http://127.0.0.1:1" });
        builder.AddGateway();
        builder.Services.PostConfigure<KubernetesOperatorOptions>(o => o.CacheSyncTimeout = TimeSpan.FromHours(1));
        var app = builder.Build();
        app.MapGateway();
        var table = app.Services.GetRequiredService<ServiceTable>();
        table.Configure(new(Service, [new("r1", 100)], TimeSpan.FromSeconds(20), 64, Idempotent: true, null, null));
        table.Put(Service.Name, new(new(Service.Namespace, "mnist-0"), "uid", "r1", "127.0.0.1", numbers[0], numbers[1], 64, "/v2/health/ready", Ready: true, Leaving: false));
        await app.RunAsync();
        return 0;
    }
}
