using System.Security.Cryptography.X509Certificates;
using System.Text;
using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime;
using AiDc.ControllerRuntime.Client;
using AiDc.Testing;
using k8s;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;

namespace AiDc.Operator.Tests.Hosting.Server;

/// <summary>
/// A real control plane that authorises by RBAC and writes down every request, with our definitions and nothing of our chart but its
/// roles. The operator comes to it as its own ServiceAccount.
/// </summary>
[SetUpFixture]
internal sealed class OperatorPlane
{
    /// <summary>Where the chart's roles are rendered for.</summary>
    public const string Namespace = "aidc-system";

    public const string OperatorToken = "operator-token";
    private const string Policy =
        """
        {"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "omitStages": ["RequestReceived"], "rules": [
          {"level": "Metadata", "users": ["system:serviceaccount:aidc-system:aidc-operator"]}, {"level": "None"}]}
        """;

    private static ControlPlane? plane;
    private static string? folder;

    public static ControlPlane Plane => plane!;

    public static string AuditLog => Path.Combine(folder!, "audit.log");

    public static KubernetesApiClient Admin { get; private set; } = null!;

    [OneTimeSetUp]
    public static async Task StartAsync()
    {
        folder = Directory.CreateTempSubdirectory("aidc-operator-plane-").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "policy.json"), Policy);
        plane = await ControlPlane.StartAsync(new()
        {
            Rbac = true,
            Users = [($"system:serviceaccount:{Namespace}:aidc-operator", OperatorToken, $"system:serviceaccounts,system:serviceaccounts:{Namespace},system:authenticated")],
            ApiServerArguments = [$"--audit-policy-file={folder}/policy.json", $"--audit-log-path={AuditLog}", "--audit-log-mode=blocking"],
        });
        Admin = ClientOf(plane);
        await Admin.CreateAsync(new V1Namespace { Metadata = new() { Name = Namespace } }, default);
        await plane.KubectlAsync("apply", "--validate=false", "-f", Path.Combine(Repository.Root(), "crds"));
        await Training.Server.TrainingPlane.EstablishedAsync(plane, Admin);
        var rendered = await Command.RunAsync(
            Path.Combine(Repository.Root(), "hack", "render.sh"),
            ["aidc", Path.Combine(Repository.Root(), "charts", "aidc"), "--namespace", Namespace, "--kube-version", $"{plane.Version}"]);
        Roles = [.. rendered.Split("\n---").Where(d => d.Contains("\napiVersion: rbac.", StringComparison.Ordinal) || d.TrimStart().StartsWith("apiVersion: rbac.", StringComparison.Ordinal))];
        await File.WriteAllTextAsync(Path.Combine(folder, "roles.yaml"), string.Join("\n---\n", Roles));
        await plane.KubectlAsync("apply", "--validate=false", "-f", Path.Combine(folder, "roles.yaml"));
    }

    /// <summary>The chart's RBAC objects, YAML.</summary>
    public static IReadOnlyList<string> Roles { get; private set; } = [];

    [OneTimeTearDown]
    public static async Task StopAsync()
    {
        Admin?.Dispose();
        if (plane is not null)
            await plane.DisposeAsync();
        if (folder is not null)
            Directory.Delete(folder, recursive: true);
    }

    /// <summary>Nothing is left of the test before: no job, no pod, no lease, no authority.</summary>
    public static async Task CleanAsync()
    {
        foreach (var job in (await Admin.ListAsync<TrainingJob>(null, null, default)).Items)
            await Admin.DeleteAsync<TrainingJob>(NamespacedName.Of(job), null, default);
        foreach (var service in (await Admin.ListAsync<InferenceService>(null, null, default)).Items)
            await Admin.DeleteAsync<InferenceService>(NamespacedName.Of(service), null, default);
        foreach (var pod in (await Admin.ListAsync<V1Pod>(null, null, default)).Items)
            await Admin.DeleteAsync<V1Pod>(NamespacedName.Of(pod), new(GracePeriodSeconds: 0), default);
        await Admin.DeleteAsync<V1Lease>(new(Namespace, "aidc-operator"), null, default);
        await Admin.DeleteAsync<V1Secret>(new(Namespace, "aidc-coordinator-ca"), null, default);
    }

    /// <summary>A token as a kubelet asks for it, bound to the pod if one is given.</summary>
    public static async Task<string> TokenAsync(string ns, string account, V1Pod? pod, string audience)
    {
        using var kubernetes = new Kubernetes(Plane.Configuration());
        var request = new Authenticationv1TokenRequest
        {
            Spec = new V1TokenRequestSpec
            {
                Audiences = [audience],
                ExpirationSeconds = 3600,
                BoundObjectRef = pod is null ? null : new V1BoundObjectReference { ApiVersion = "v1", Kind = "Pod", Name = pod.Metadata.Name, Uid = pod.Metadata.Uid },
            },
        };
        return (await kubernetes.CoreV1.CreateNamespacedServiceAccountTokenAsync(request, account, ns)).Status.Token;
    }

    /// <summary>What pods get as their bundle.</summary>
    public static X509Certificate2Collection Authorities()
    {
        var secret = Admin.GetAsync<V1Secret>(new(Namespace, "aidc-coordinator-ca"), default).GetAwaiter().GetResult()!;
        var bundle = new X509Certificate2Collection();
        bundle.ImportFromPem(Encoding.UTF8.GetString(secret.Data["ca.crt"]));
        return bundle;
    }

    public static KubernetesApiClient ClientOf(ControlPlane plane, string? token = null)
    {
        var meters = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>();
        return new(plane.Configuration(userToken: token), new(), TimeProvider.System, new Jitter(5).Next, new(meters, "test"));
    }
}
