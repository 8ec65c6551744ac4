using System.Text.RegularExpressions;
using AiDc.Testing;
using k8s;
using k8s.Models;

namespace AiDc.Chart.Tests;

/// <summary>
/// The life of releases on a real API server: what helm makes of the chart there, and what is left. Nothing runs, for there are no nodes.
/// </summary>
[Category("Integration")]
[NonParallelizable]
public sealed class ReleaseLifeTests : IDisposable
{
    private static readonly string[] Definitions = ["inferenceservices.aidc.dev", "trainingjobs.aidc.dev"];
    private ControlPlane plane = null!;
    private Kubernetes kubernetes = null!;
    private string values = null!;

    [SetUp]
    public async Task StartAsync()
    {
        plane = await ControlPlane.StartAsync();
        kubernetes = new(plane.Configuration());
        values = Path.Combine(plane.Folder, "values.yaml");
    }

    [TearDown]
    public async Task StopAsync()
    {
        kubernetes?.Dispose();
        if (plane is not null) await plane.DisposeAsync();
    }

    [Test]
    public async Task A_release_is_installed_upgraded_rolled_back_and_uninstalled()
    {
        Run("install", "aidc", Helm.Chart, "--namespace", "aidc-system", "--create-namespace", "--dry-run=server");
        Assert.That(await DefinitionsAsync(), Is.Empty);

        Assert.That(Run("install", "aidc", Helm.Chart, "--namespace", "aidc-system", "--create-namespace"), Does.Contain("AiDc 0.1.0 is installed in aidc-system"));
        Assert.That(await DefinitionsAsync(), Is.EqualTo(Definitions));
        Assert.That(await VariableAsync("Gateway__MaxWaiting"), Is.EqualTo("2000"));

        await File.WriteAllTextAsync(values, "gateway: {maxWaiting: 1000000, replicas: 3}\n");
        Run("upgrade", "aidc", Helm.Chart, "--namespace", "aidc-system", "-f", values);
        Assert.That(await VariableAsync("Gateway__MaxWaiting"), Is.EqualTo("1000000"));
        Assert.That((await GatewayAsync()).Spec.Replicas, Is.EqualTo(3));

        Run("rollback", "aidc", "1", "--namespace", "aidc-system");
        Assert.That(await VariableAsync("Gateway__MaxWaiting"), Is.EqualTo("2000"));
        Assert.That((await GatewayAsync()).Spec.Replicas, Is.EqualTo(2));
        Assert.That(Run("history", "aidc", "--namespace", "aidc-system"), Does.Match(@"3\s.*deployed.*Rollback to 1"));

        var job = new Dictionary<string, object>
        {
            ["apiVersion"] = "aidc.dev/v1alpha1", ["kind"] = "TrainingJob", ["metadata"] = new Dictionary<string, string> { ["name"] = "kept" },
            ["spec"] = new { suspend = true, template = new { spec = new { containers = new[] { new { name = "worker", image = "x" } } } } },
        };
        await kubernetes.CustomObjects.CreateNamespacedCustomObjectAsync(job, "aidc.dev", "v1alpha1", "default", "trainingjobs");
        Run("uninstall", "aidc", "--namespace", "aidc-system");
        Assert.That(await ObjectsAsync(), Is.Empty);
        Assert.That(await DefinitionsAsync(), Is.EqualTo(Definitions), "an uninstall that took the definitions away would take all jobs with them");
        Assert.That(await kubernetes.CustomObjects.GetNamespacedCustomObjectAsync("aidc.dev", "v1alpha1", "default", "trainingjobs", "kept"), Is.Not.Null);

        Run("install", "aidc", Helm.Chart, "--namespace", "aidc-system");
        Assert.That(await ObjectsAsync(), Is.Not.Empty);
    }

    /// <summary>Helm passes on whatever a template says; a field that no server knows would be dropped without a word.</summary>
    [Test]
    public async Task Every_field_of_every_object_is_one_that_the_server_knows()
    {
        await File.WriteAllTextAsync(values, """
            operator: {priorityClassName: high, nodeSelector: {disk: fast}, tolerations: [{operator: Exists}], allowedHostPaths: [/data], affinity: {nodeAffinity: {}}}
            gateway: {priorityClassName: high, nodeSelector: {disk: fast}, tolerations: [{operator: Exists}], tls: {secretName: tls}, otlpEndpoint: "http://collector:4317", affinity: {nodeAffinity: {}}}
            imagePullSecrets: [{name: registry}]
            networkPolicy: {enabled: true, metricsFrom: [{namespaceSelector: {}}]}
            """);
        await kubernetes.CoreV1.CreateNamespaceAsync(new() { Metadata = new() { Name = "aidc-system" } });
        var version = KubeBinaries.Find().Version.ToString();
        var rendered = Helm.Run("template", "aidc", Helm.Chart, "--namespace", "aidc-system", "--kube-version", version, "-f", values);

        var result = await Command.TryAsync(
            Helm.Kubectl(), ["apply", "--dry-run=server", "--validate=true", "-f", "-"], new Dictionary<string, string> { ["KUBECONFIG"] = plane.KubeConfigFile }, rendered);

        Assert.That(result.ExitCode, Is.Zero, result.Error);
        Assert.That(result.Output.Split('\n').Count(line => line.Contains("(server dry run)", StringComparison.Ordinal)), Is.EqualTo(Rendered.Of(rendered).Count));
    }

    [Test]
    public async Task Releases_for_namespaces_of_their_own_live_next_to_each_other()
    {
        Install("a", "team-a", "--set", "operator.watchNamespace=team-a");
        var before = await ObjectsAsync();
        var definition = await kubernetes.ApiextensionsV1.ReadCustomResourceDefinitionAsync("trainingjobs.aidc.dev");

        Assert.That(Install("b", "team-b", "--set", "operator.watchNamespace=team-b"), Does.Contain("those that release a/team-a brought"));
        Assert.That(await ObjectsAsync(), Is.SupersetOf(before));
        Assert.That((await kubernetes.ApiextensionsV1.ReadCustomResourceDefinitionAsync("trainingjobs.aidc.dev")).Metadata.ResourceVersion, Is.EqualTo(definition.Metadata.ResourceVersion));

        Run("uninstall", "b", "--namespace", "team-b");
        Assert.That(await ObjectsAsync(), Is.EquivalentTo(before));
        Assert.That(await DefinitionsAsync(), Is.EqualTo(Definitions));
    }

    [Test]
    public async Task The_definitions_of_a_release_that_is_gone_are_taken_over_by_one_that_says_so()
    {
        Install("a", "team-a", "--set", "operator.watchNamespace=team-a");
        Install("b", "team-b", "--set", "operator.watchNamespace=team-b");
        Run("uninstall", "a", "--namespace", "team-a");

        var silent = Helm.Try(plane.KubeConfigFile, "upgrade", "b", Helm.Chart, "--namespace", "team-b", "--reuse-values");
        Assert.That((silent.ExitCode, Named(silent.Error, "trainingjobs.aidc.dev") || Named(silent.Error, "inferenceservices.aidc.dev")), Is.EqualTo((1, true)), silent.Error);

        Run("upgrade", "b", Helm.Chart, "--namespace", "team-b", "--reuse-values", "--take-ownership");
        Assert.That((await kubernetes.ApiextensionsV1.ReadCustomResourceDefinitionAsync("trainingjobs.aidc.dev")).Metadata.Annotations["meta.helm.sh/release-name"], Is.EqualTo("b"));
    }

    [Test]
    public async Task A_namespace_to_watch_that_is_not_there_is_named_before_anything_is_made()
    {
        var result = Helm.Try(plane.KubeConfigFile, "install", "a", Helm.Chart, "--namespace", "team-a", "--create-namespace", "--set", "operator.watchNamespace=nowhere");

        Assert.That(result.ExitCode, Is.Not.Zero);
        Assert.That(result.Error, Does.Contain("there is no namespace \"nowhere\""));
        Assert.That(await ObjectsAsync(), Is.Empty);
        Assert.That(await DefinitionsAsync(), Is.Empty);
    }

    [TestCase("team-b", "", "release \"a\" in namespace \"team-a\" already runs the jobs of namespace \"jobs\", and this release would run those of all")]
    [TestCase("team-b", "jobs", "release \"a\" in namespace \"team-a\" already runs the jobs of namespace \"jobs\"")]
    [TestCase("team-a", "others", "release \"a\" in namespace \"team-a\" is there already")]
    public async Task A_release_that_would_run_the_jobs_of_another_is_refused_and_changes_nothing(string ns, string watched, string why)
    {
        foreach (var name in new[] { "jobs", "others" })
            await kubernetes.CoreV1.CreateNamespaceAsync(new() { Metadata = new() { Name = name } });
        Install("a", "team-a", "--set", "operator.watchNamespace=jobs");
        var before = await ObjectsAsync();

        var result = Helm.Try(plane.KubeConfigFile, "install", "b", Helm.Chart, "--namespace", ns, "--create-namespace", "--set", $"operator.watchNamespace={watched}");

        Assert.That(result.ExitCode, Is.Not.Zero);
        Assert.That(result.Error, Does.Contain(why));
        Assert.That(await ObjectsAsync(), Is.EquivalentTo(before));
    }

    [Test]
    public async Task Next_to_a_release_for_all_namespaces_there_is_no_other()
    {
        Install("a", "team-a");

        var install = Helm.Try(plane.KubeConfigFile, "install", "b", Helm.Chart, "--namespace", "team-b", "--create-namespace", "--set", "operator.watchNamespace=team-b");
        Assert.That(install.Error, Does.Contain("release \"a\" in namespace \"team-a\" already runs the jobs of all namespaces"));

        Run("upgrade", "a", Helm.Chart, "--namespace", "team-a", "--set", "operator.watchNamespace=team-a");
        Install("b", "team-b", "--set", "operator.watchNamespace=team-b");
        var upgrade = Helm.Try(plane.KubeConfigFile, "upgrade", "a", Helm.Chart, "--namespace", "team-a", "--set", "operator.watchNamespace=team-b");
        Assert.That(upgrade.Error, Does.Contain("release \"b\" in namespace \"team-b\" already runs the jobs of namespace \"team-b\""));
        Assert.That(await ObjectsAsync(), Does.Contain("ClusterRole /aidc-operator-nodes-team-a"));
    }

    public void Dispose() => kubernetes?.Dispose();

    private string Install(string release, string ns, params string[] more) => Run(["install", release, Helm.Chart, "--namespace", ns, "--create-namespace", .. more]);

    private string Run(params string[] arguments) => Helm.RunOn(plane.KubeConfigFile, arguments);

    private static bool Named(string error, string name) => Regex.IsMatch(error, $"\"{Regex.Escape(name)}\".*exists and cannot be imported");

    private async Task<V1Deployment> GatewayAsync() => await kubernetes.AppsV1.ReadNamespacedDeploymentAsync("aidc-gateway", "aidc-system");

    private async Task<string> VariableAsync(string name) => (await GatewayAsync()).Spec.Template.Spec.Containers[0].Env.Single(v => v.Name == name).Value;

    private async Task<string[]> DefinitionsAsync() =>
        [.. (await kubernetes.ApiextensionsV1.ListCustomResourceDefinitionAsync()).Items.Select(d => d.Metadata.Name).Where(n => n.EndsWith(".aidc.dev", StringComparison.Ordinal)).Order()];

    /// <summary>All objects of the chart but its definitions, as kind, namespace and name.</summary>
    private async Task<List<string>> ObjectsAsync()
    {
        const string Ours = "app.kubernetes.io/name=aidc";
        var found = new List<(string Kind, V1ObjectMeta Meta)>();
        found.AddRange((await kubernetes.AppsV1.ListDeploymentForAllNamespacesAsync(labelSelector: Ours)).Items.Select(o => ("Deployment", o.Metadata)));
        found.AddRange((await kubernetes.CoreV1.ListServiceForAllNamespacesAsync(labelSelector: Ours)).Items.Select(o => ("Service", o.Metadata)));
        found.AddRange((await kubernetes.CoreV1.ListServiceAccountForAllNamespacesAsync(labelSelector: Ours)).Items.Select(o => ("ServiceAccount", o.Metadata)));
        found.AddRange((await kubernetes.RbacAuthorizationV1.ListClusterRoleAsync(labelSelector: Ours)).Items.Select(o => ("ClusterRole", o.Metadata)));
        found.AddRange((await kubernetes.RbacAuthorizationV1.ListClusterRoleBindingAsync(labelSelector: Ours)).Items.Select(o => ("ClusterRoleBinding", o.Metadata)));
        found.AddRange((await kubernetes.RbacAuthorizationV1.ListRoleForAllNamespacesAsync(labelSelector: Ours)).Items.Select(o => ("Role", o.Metadata)));
        found.AddRange((await kubernetes.RbacAuthorizationV1.ListRoleBindingForAllNamespacesAsync(labelSelector: Ours)).Items.Select(o => ("RoleBinding", o.Metadata)));
        return [.. found.Select(o => $"{o.Kind} {o.Meta.NamespaceProperty}/{o.Meta.Name}")];
    }
}
