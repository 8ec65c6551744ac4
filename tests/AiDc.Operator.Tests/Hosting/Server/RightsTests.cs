using System.Text.Json;
using AiDc.Api.V1Alpha1;
using AiDc.Operator.Coordination.Trust;
using AiDc.Testing;
using k8s.Models;
using YamlDotNet.RepresentationModel;

namespace AiDc.Operator.Tests.Hosting.Server;

/// <summary>The chart's roles, read and tried: the API server's audit log says what the operator asked for and what it was refused.</summary>
[Category("Integration")]
public sealed class RightsTests
{
    /// <summary>Rights that a life without incidents does not use, and when they are used.</summary>
    private static readonly Dictionary<string, string> Exceptions = new()
    {
        ["patch secrets"] = "the authority is rotated, after eight years",
        ["update trainingjobs/finalizers"] = "asked by the admission plugin OwnerReferencesPermissionEnforcement where a cluster has it",
        ["get trainingjobs"] = "a job that seems gone from the cache while its pods are there",
        ["update inferenceservices/finalizers"] = "the same",
        ["get poddisruptionbudgets"] = "somebody else has one of a revision's name",
        ["patch poddisruptionbudgets"] = "one was made while the API server was older than 1.27",
        ["patch networkpolicies"] = "a service's server becomes one of its user's own, or the operator's namespace gets its label",
        ["get deployments"] = "a revision was made by a leader that died before it had seen it",
        ["patch pods"] = "a gateway is lost with its node: it loses the label that the Service selects; the end to end tests cut such a node off",
        ["create pods/eviction"] = "the same",
        ["patch events"] = "the same thing happens again within minutes",
    };

    [Test]
    public async Task The_charts_roles_are_enough_for_the_lives_of_jobs_and_hold_nothing_that_is_not_used()
    {
        await OperatorPlane.CleanAsync();
        var space = (await TestNamespace.CreateAsync(OperatorPlane.Plane)).Name;
        await using (var host = await new OperatorProcess("aidc-operator-a").ReadyAsync())
        {
            await host.LeadsAsync();
            await ServeAsync(space);
            await LiveAsync(space, host).ContinueWith(t => Assert.That(t.IsCompletedSuccessfully, Is.True, $"{t.Exception?.InnerException?.Message}\n{string.Join('\n', host.Log)}"), TaskScheduler.Default);
            host.Signal("TERM");
            Assert.That(await host.ExitAsync(), Is.Zero);
        }

        var requests = Requests().ToList();
        Assert.That(requests.Where(r => r.Code == 403).Select(r => r.Right).Distinct(), Is.Empty, "refused");
        var used = requests.Select(r => r.Right).ToHashSet();
        Assert.That(Granted().Where(right => !used.Contains(right) && !Exceptions.ContainsKey(right)), Is.Empty, "granted and never used");
        Assert.That(used.Where(right => !Granted().Contains(right)), Is.Empty, "used without being in a role: discovery, perhaps");
    }

    [Test]
    public async Task With_nothing_to_do_it_writes_nothing_but_its_lease()
    {
        await OperatorPlane.CleanAsync();
        await using var host = await new OperatorProcess("aidc-operator-a").ReadyAsync();
        await host.LeadsAsync();
        await Eventually.Assert(() => Writes().Any(w => w.Right.EndsWith(" secrets", StringComparison.Ordinal)), what: "the authority is made");
        var before = Writes().Count();
        var renewals = Renewals();

        await Eventually.Assert(() => Renewals() >= renewals + 6, TimeSpan.FromSeconds(60), "the lease is renewed six times");

        Assert.That(Writes().Skip(before).Select(w => w.Right).Distinct(), Is.EqualTo(new[] { "patch leases" }));

        int Renewals() => Writes().Count(w => w.Right == "patch leases");
    }

    [Test]
    public void Secrets_are_reached_by_name_only()
    {
        foreach (var rule in Rules().Where(r => Values(r, "resources").Contains("secrets") && !Values(r, "verbs").SequenceEqual(["create"])))
            Assert.That(Values(rule, "resourceNames"), Is.EqualTo(new[] { "aidc-coordinator-ca" }));
        Assert.That(Rules().SelectMany(r => Values(r, "verbs").Concat(Values(r, "resources")).Concat(Values(r, "apiGroups"))), Has.None.EqualTo("*"));
    }

    /// <summary>A gang of two comes up, fails, is tried again, succeeds, and its job is deleted by its time to live.</summary>
    private static async Task LiveAsync(string space, OperatorProcess host)
    {
        await OperatorPlane.Admin.CreateAsync(new V1ServiceAccount { Metadata = new() { Name = "default", NamespaceProperty = space } }, default);
        await OperatorPlane.Admin.CreateAsync(Job(space), default);
        await EndAsync(space, attempt: 1, exitCode: 1);
        await ReportAsync(space, host);
        await EndAsync(space, attempt: 2, exitCode: 0);
        await Eventually.Assert(
            async () => await OperatorPlane.Admin.GetAsync<TrainingJob>(new(space, "rights"), default) is null,
            TimeSpan.FromSeconds(60), "the job is deleted after its time to live");
    }

    /// <summary>A service comes up, is scaled, and is edited: its revision before goes. It gets keys, and loses them.</summary>
    private static async Task ServeAsync(string space)
    {
        var name = new ControllerRuntime.NamespacedName(space, "rights");
        await OperatorPlane.Admin.CreateAsync(
            new InferenceService { Metadata = new() { Name = name.Name, NamespaceProperty = space }, Spec = new() { Model = new() { Uri = "pvc://models/a" } } }, default);
        var first = (await RevisionsAsync(1)).Single();
        await OperatorPlane.Admin.PatchMergeAsync<InferenceService>(name, new { spec = new { scaling = new { replicas = 2 } } }, default);
        await Eventually.Assert(async () => (await RevisionsAsync(1))[0].Spec.Replicas == 2, TimeSpan.FromSeconds(60), "two replicas");
        await OperatorPlane.Admin.PatchMergeAsync<InferenceService>(name, new { spec = new { model = new { uri = "pvc://models/b" } } }, default);
        await Eventually.Assert(async () => (await RevisionsAsync(1))[0].Metadata.Name != first.Metadata.Name, TimeSpan.FromSeconds(60), "another revision alone");
        await OperatorPlane.Admin.PatchMergeAsync<InferenceService>(name, new { spec = new { apiKeys = new { secretRef = new { name = "aidc-api-keys" } } } }, default);
        await Eventually.Assert(
            async () => await OperatorPlane.Admin.GetAsync<V1Service>(name, default) is null && await OperatorPlane.Admin.GetAsync<V1NetworkPolicy>(name, default) is not null,
            TimeSpan.FromSeconds(60), "the direct way is closed");
        await OperatorPlane.Admin.PatchMergeAsync<InferenceService>(name, System.Text.Json.Nodes.JsonNode.Parse("""{"spec": {"apiKeys": null}}""")!, default);
        await Eventually.Assert(
            async () => await OperatorPlane.Admin.GetAsync<V1Service>(name, default) is not null && await OperatorPlane.Admin.GetAsync<V1NetworkPolicy>(name, default) is null,
            TimeSpan.FromSeconds(60), "the direct way is open");
        await OperatorPlane.Admin.DeleteAsync<InferenceService>(name, null, default);

        async Task<IList<V1Deployment>> RevisionsAsync(int count)
        {
            IReadOnlyList<V1Deployment> found = [];
            await Eventually.Assert(
                async () => (found = (await OperatorPlane.Admin.ListAsync<V1Deployment>(space, null, default)).Items).Count == count, TimeSpan.FromSeconds(60), $"{count} revision(s)");
            return [.. found];
        }
    }

    /// <summary>A worker of the second attempt tells where it is.</summary>
    private static async Task ReportAsync(string space, OperatorProcess host)
    {
        var name = new ControllerRuntime.NamespacedName(space, Api.Names.WorkerPod("rights", 0, 2));
        await Eventually.Assert(
            async () => await OperatorPlane.Admin.GetAsync<V1Pod>(name, default) is not null, TimeSpan.FromSeconds(60), $"pod {name} is there");
        var pod = await OperatorPlane.Admin.GetAsync<V1Pod>(name, default);
        using var http = new HttpClient(new SocketsHttpHandler { SslOptions = CoordinatorTls.Client(OperatorPlane.Authorities) });
        http.DefaultRequestHeaders.Authorization = new("Bearer", await OperatorPlane.TokenAsync(space, "default", pod, "aidc.dev"));
        using var answer = await http.PutAsync($"https://127.0.0.1:{host.CoordinatorPort}/v1/progress", new StringContent("""{"step":3}"""));
        Assert.That(answer.StatusCode, Is.EqualTo(System.Net.HttpStatusCode.NoContent));
    }

    private static async Task EndAsync(string space, int attempt, int exitCode)
    {
        foreach (var index in new[] { 0, 1 })
        {
            var name = new ControllerRuntime.NamespacedName(space, Api.Names.WorkerPod("rights", index, attempt));
            await Eventually.Assert(
                async () => await OperatorPlane.Admin.GetAsync<V1Pod>(name, default) is not null, TimeSpan.FromSeconds(60), $"pod {name} is there");
        }
        foreach (var index in new[] { 0, 1 })
        {
            var name = new ControllerRuntime.NamespacedName(space, Api.Names.WorkerPod("rights", index, attempt));
            var terminated = new V1ContainerStateTerminated { ExitCode = exitCode, FinishedAt = DateTime.UtcNow, Reason = exitCode == 0 ? "Completed" : "Error" };
            await OperatorPlane.Admin.PatchMergeAsync<V1Pod>(name, new
            {
                status = new
                {
                    phase = exitCode == 0 ? "Succeeded" : "Failed",
                    containerStatuses = new[] { new { name = "trainer", image = "own", imageID = "own", ready = false, restartCount = 0, state = new { terminated } } },
                },
            }, default, "status");
        }
    }

    private static TrainingJob Job(string space) => new()
    {
        Metadata = new() { Name = "rights", NamespaceProperty = space },
        Spec = new()
        {
            Workers = new() { Replicas = 2 },
            TtlAfterFinished = "1s",
            Template = PodTemplate.From(new V1PodTemplateSpec
            {
                Spec = new() { ServiceAccountName = "default", Containers = [new V1Container { Name = "trainer", Image = "own", Command = ["train"] }] },
            }),
        },
    };

    private static IEnumerable<(string Right, int Code)> Writes() =>
        Requests().Where(r => r.Right.Split(' ')[0] is not ("get" or "list" or "watch"));

    /// <summary>What the operator asked for so far: "verb resource[/subresource]", and the answer's code.</summary>
    private static IEnumerable<(string Right, int Code)> Requests()
    {
        using var log = new StreamReader(new FileStream(OperatorPlane.AuditLog, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        while (log.ReadLine() is { } line)
        {
            if (!line.EndsWith('}'))
                yield break; // Being written.
            using var entry = JsonDocument.Parse(line);
            if (!entry.RootElement.TryGetProperty("objectRef", out var about) || !about.TryGetProperty("resource", out var resource))
                continue;
            var verb = entry.RootElement.GetProperty("verb").GetString();
            var sub = about.TryGetProperty("subresource", out var s) ? "/" + s.GetString() : "";
            var code = entry.RootElement.TryGetProperty("responseStatus", out var status) && status.TryGetProperty("code", out var c) ? c.GetInt32() : 0;
            yield return ($"{verb} {resource.GetString()}{sub}", code);
        }
    }

    private static HashSet<string> Granted() =>
        [.. Rules().SelectMany(rule => Values(rule, "verbs").SelectMany(verb => Values(rule, "resources").Select(resource => $"{verb} {resource}")))];

    /// <summary>The rules of the roles that are the operator's own; those that are added to the cluster's view and edit are people's.</summary>
    private static IEnumerable<YamlMappingNode> Rules()
    {
        foreach (var text in OperatorPlane.Roles)
        {
            var yaml = new YamlStream();
            yaml.Load(new StringReader(text));
            var root = (YamlMappingNode)yaml.Documents[0].RootNode;
            var name = ((YamlScalarNode)root["metadata"]["name"]).Value!;
            if (name.StartsWith("aidc-operator", StringComparison.Ordinal) && root.Children.TryGetValue("rules", out var rules))
                foreach (var rule in (YamlSequenceNode)rules)
                    yield return (YamlMappingNode)rule;
        }
    }

    private static string[] Values(YamlMappingNode rule, string key) =>
        rule.Children.TryGetValue(key, out var values) ? [.. ((YamlSequenceNode)values).Select(v => ((YamlScalarNode)v).Value!)] : [];
}
