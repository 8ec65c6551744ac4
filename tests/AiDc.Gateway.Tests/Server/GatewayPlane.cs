using AiDc.ControllerRuntime;
using AiDc.ControllerRuntime.Client;
using AiDc.Gateway.Tests.Hosting;
using AiDc.Testing;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;

namespace AiDc.Gateway.Tests.Server;

/// <summary>
/// A real control plane that authorises by RBAC, with our definition of services and nothing of our chart but the gateway's roles. Gateways
/// come to it as their own ServiceAccount.
/// </summary>
[SetUpFixture]
internal sealed class GatewayPlane
{
    public const string GatewayToken = "gateway-token";
    private const string Namespace = "aidc-system";
    private static ControlPlane? plane;

    public static ControlPlane Plane => plane!;

    public static KubernetesApiClient Admin { get; private set; } = null!;

    [OneTimeSetUp]
    public static async Task StartAsync()
    {
        plane = await ControlPlane.StartAsync(new()
        {
            Rbac = true,
            Users = [($"system:serviceaccount:{Namespace}:aidc-gateway", GatewayToken, $"system:serviceaccounts,system:serviceaccounts:{Namespace},system:authenticated")],
        });
        Admin = ClientOf(null);
        await Admin.CreateAsync(new V1Namespace { Metadata = new() { Name = Namespace } }, default);
        await plane.KubectlAsync("apply", "--validate=false", "-f", Path.Combine(ChartTests.Root(), "crds", "inferenceservices.yaml"));
        await plane.KubectlAsync("wait", "--for=condition=Established", "crd/inferenceservices.aidc.dev", "--timeout=30s");
        var rendered = await Command.RunAsync(
            Path.Combine(ChartTests.Root(), "hack", "render.sh"),
            ["aidc", Path.Combine(ChartTests.Root(), "charts", "aidc"), "--namespace", Namespace, "--kube-version", $"{plane.Version}"]);
        var roles = rendered.Split("\n---").Where(d => d.Contains("apiVersion: rbac.", StringComparison.Ordinal) && d.Contains("name: aidc-gateway", StringComparison.Ordinal));
        var file = Path.Combine(plane.Folder, "roles.yaml");
        await File.WriteAllTextAsync(file, string.Join("\n---\n", roles));
        await plane.KubectlAsync("apply", "--validate=false", "-f", file);
    }

    [OneTimeTearDown]
    public static async Task StopAsync()
    {
        Admin?.Dispose();
        if (plane is not null) await plane.DisposeAsync();
    }

    /// <param name="token">Null: the admin's.</param>
    public static KubernetesApiClient ClientOf(string? token)
    {
        var meters = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>();
        return new(Plane.Configuration(userToken: token), new(), TimeProvider.System, new Jitter(5).Next, new(meters, "test"));
    }
}
