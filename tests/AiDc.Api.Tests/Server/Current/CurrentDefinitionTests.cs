using System.Net;
using System.Text.Json.Nodes;
using AiDc.Api.Tests.Validation;
using AiDc.Api.V1Alpha1;
using k8s;

namespace AiDc.Api.Tests.Server.Current;

[TestFixtureSource(typeof(CurrentServers), nameof(CurrentServers.Names)), Category("Integration")]
internal sealed class CurrentDefinitionTests(string name)
{
    private const string Table = "application/json;as=Table;v=v1;g=meta.k8s.io";
    private const string Merge = "application/merge-patch+json";
    private const string Apply = "application/apply-patch+yaml";
    private TestServer _server = null!;

    private static IEnumerable<BadValue> By(params Refusal[] who) => BadValues.All().Concat(ServiceBadValues.All()).Where(b => who.Contains(b.By));

    private static IEnumerable<BadValue> Refused() => By(Refusal.AnyServer, Refusal.WrongType, Refusal.NewServer);

    private static IEnumerable<BadValue> Taken() => By(Refusal.ValidatorOnly);

    private static IEnumerable<(string Plural, string Path)> Objects() =>
        BadValueTests.ObjectsIn(typeof(TrainingJobSpec), "spec").Select(path => ("trainingjobs", path))
            .Concat(BadValueTests.ObjectsIn(typeof(InferenceServiceSpec), "spec").Select(path => ("inferenceservices", path)));

    [OneTimeSetUp]
    public void Find() => _server = CurrentServers.Get(name);

    [TestCase("trainingjobs")]
    [TestCase("inferenceservices")]
    public async Task The_definition_is_established_and_its_schema_structural(string plural)
    {
        var (_, definition) = await _server.SendAsync(HttpMethod.Get, $"apis/apiextensions.k8s.io/v1/customresourcedefinitions/{plural}.aidc.dev");

        var conditions = definition["status"]!["conditions"]!.AsArray().ToDictionary(c => c!["type"]!.GetValue<string>(), c => c!["status"]!.GetValue<string>());
        Assert.That(conditions["Established"], Is.EqualTo("True"));
        Assert.That(conditions["NamesAccepted"], Is.EqualTo("True"));
        Assert.That(conditions.GetValueOrDefault("NonStructuralSchema", "False"), Is.EqualTo("False"));
    }

    [TestCaseSource(typeof(Repository), nameof(Repository.Examples))]
    public async Task The_resources_of_an_example_pass_a_strict_dry_run(string path)
    {
        foreach (var manifest in Manifests.Parse(Repository.Read(path)).Where(m => m["apiVersion"]!.GetValue<string>() == "aidc.dev/v1alpha1"))
        {
            var plural = manifest["kind"]!.GetValue<string>().ToLowerInvariant() + "s";

            var (code, answer) = await CreateAsync(plural, "default", manifest, "?dryRun=All&fieldValidation=Strict");

            Assert.That(code, Is.EqualTo(HttpStatusCode.Created), answer["message"]?.ToJsonString());
        }
    }

    [Test]
    public async Task The_server_fills_in_the_defaults_of_the_types()
    {
        var job = Manifests.ForBuiltInTrainer().With("spec.trainer.earlyStopping", "{}").With("spec.trainer.data.validationSplit", "0.1");
        var service = Manifests.ForBuiltInServer().With("spec.canary.model.uri", "\"pvc://m/b\"");

        var (_, createdJob) = await CreateAsync("trainingjobs", "default", job, "?dryRun=All");
        var (_, createdService) = await CreateAsync("inferenceservices", "default", service, "?dryRun=All");

        var expectedJob = DefinitionTests.WithoutEmptyLists(DefinitionTests.SpecOf(Manifests.Read(job)));
        var expectedService = JsonNode.Parse(KubernetesJson.Serialize(Manifests.ReadService(service)))!["spec"];
        Assert.That(JsonNode.DeepEquals(expectedJob, createdJob["spec"]), Is.True, () => createdJob.ToJsonString());
        Assert.That(JsonNode.DeepEquals(expectedService, createdService["spec"]), Is.True, () => createdService.ToJsonString());
    }

    [TestCaseSource(nameof(Refused))]
    public async Task A_bad_value_is_refused_at_once_with_its_field(BadValue bad)
    {
        var (code, answer) = await CreateAsync(bad.Plural, "default", bad.Manifest(), "?dryRun=All");

        Assert.That(code, Is.EqualTo(HttpStatusCode.UnprocessableEntity), answer.ToJsonString());
        // A rule's error is at the object that it is a rule of.
        if (bad.By is not Refusal.NewServer)
            Assert.That(BadValueTests.WithoutIndexes(answer["message"]!.GetValue<string>()), Does.Contain(BadValueTests.WithoutIndexes(bad.ErrorAt)));
    }

    [TestCaseSource(nameof(Taken))]
    public async Task What_only_the_validator_can_know_is_taken(BadValue bad)
    {
        var (code, answer) = await CreateAsync(bad.Plural, "default", bad.Manifest(), "?dryRun=All");

        Assert.That(code, Is.EqualTo(HttpStatusCode.Created), answer.ToJsonString());
    }

    [TestCaseSource(nameof(Objects))]
    public async Task An_unknown_field_is_refused_with_its_name_where_strictness_is_asked_for((string Plural, string Path) at)
    {
        var fine = at.Plural == "trainingjobs" ? Manifests.ForBuiltInTrainer() : Manifests.ForBuiltInServer();

        var (code, answer) = await CreateAsync(at.Plural, "default", fine.With($"{at.Path}.noSuchField", "1"), "?dryRun=All&fieldValidation=Strict");

        Assert.That(code, Is.AnyOf(HttpStatusCode.BadRequest, HttpStatusCode.UnprocessableEntity), answer.ToJsonString());
        Assert.That(answer["message"]!.GetValue<string>(), Does.Contain($"unknown field \"{at.Path}.noSuchField\""));
    }

    [Test]
    public async Task Who_writes_the_spec_does_not_write_the_status_and_the_other_way_round()
    {
        var ns = await ApiServer.NewNamespaceAsync();
        await CreateAsync("trainingjobs", ns, Manifests.ForBuiltInTrainer().With("status", """{"phase": "Succeeded", "restarts": 7}"""));
        var (_, created) = await GetAsync(ns, "trainingjobs/digits");

        var both = JsonNode.Parse("""{"spec": {"suspend": true}, "status": {"phase": "Running"}}""");
        var (code, _) = await _server.SendAsync(HttpMethod.Patch, ApiServer.JobsOf(ns) + "/digits/status", both, Merge);
        var (_, patched) = await GetAsync(ns, "trainingjobs/digits");

        Assert.That((created["status"]!["phase"]!.GetValue<string>(), created["status"]!["restarts"]!.GetValue<int>()), Is.EqualTo(("Pending", 0)));
        Assert.That(code, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((patched["status"]!["phase"]!.GetValue<string>(), patched["spec"]!["suspend"]!.GetValue<bool>()), Is.EqualTo(("Running", false)));
    }

    [Test]
    public async Task A_job_is_scaled_within_its_limits_and_tells_an_autoscaler_what_it_asks_for()
    {
        var ns = await ApiServer.NewNamespaceAsync();
        await CreateAsync("trainingjobs", ns, Manifests.ForBuiltInTrainer().With("spec.workers", """{"replicas": 2, "max": 4}"""));
        var status = new JsonObject { ["status"] = JsonNode.Parse(KubernetesJson.Serialize(new TrainingJobStatus { Workers = new() { Ready = 1, Pods = 2, Desired = 2, Selector = "a=b" } })) };
        await _server.SendAsync(HttpMethod.Patch, ApiServer.JobsOf(ns) + "/digits/status", status, Merge);
        var (_, scale) = await GetAsync(ns, "trainingjobs/digits/scale");

        var (taken, _) = await ScaleAsync(ns, "trainingjobs/digits", 4);
        var (beyond, words) = await ScaleAsync(ns, "trainingjobs/digits", 5);
        var (none, _) = await ScaleAsync(ns, "trainingjobs/digits", 0);

        Assert.That((scale["spec"]!["replicas"]!.GetValue<int>(), scale["status"]!["selector"]!.GetValue<string>()), Is.EqualTo((2, "a=b")));
        Assert.That(scale["status"]!["replicas"]!.GetValue<int>(), Is.EqualTo(2), "the pods that there are, not those that are ready");
        Assert.That((taken, beyond, none), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.UnprocessableEntity, HttpStatusCode.UnprocessableEntity)));
        Assert.That(words["message"]!.GetValue<string>(), Does.Contain("workers.replicas is more than workers.max"));
        Assert.That((await GetAsync(ns, "trainingjobs/digits")).Body["spec"]!["workers"]!["replicas"]!.GetValue<int>(), Is.EqualTo(4));
    }

    [Test]
    public async Task The_columns_say_what_a_person_wants_to_know()
    {
        var ns = await ApiServer.NewNamespaceAsync();
        await CreateAsync("trainingjobs", ns, Manifests.ForBuiltInTrainer());
        await CreateAsync("inferenceservices", ns, Manifests.ForBuiltInServer());

        var jobs = await ColumnsAsync(ns, "trainingjobs");
        var services = await ColumnsAsync(ns, "inferenceservices");

        Assert.That(jobs.Keys, Is.EqualTo(["Name", "Phase", "Workers", "Progress", "ETA", "Why", "Age", "Restarts", "Loss", "Samples/s", "Generation", "Checkpoint"]));
        Assert.That((jobs["Name"], jobs["Phase"], jobs["Why"], jobs["Restarts"]), Is.EqualTo(("digits", "Pending", "not yet seen by the operator", "0")));
        Assert.That(services.Keys, Is.EqualTo(["Name", "Phase", "Replicas", "Traffic", "Canary", "Why", "Age", "Model", "URL"]));
        Assert.That((services["Name"], services["Phase"]), Is.EqualTo(("digits", "Pending")));
    }

    [Test]
    public async Task Server_side_apply_knows_whose_field_is_whose()
    {
        var ns = await ApiServer.NewNamespaceAsync();
        var path = ApiServer.JobsOf(ns) + "/digits";
        await _server.SendAsync(HttpMethod.Patch, path + "?fieldManager=git", Manifests.ForBuiltInTrainer().With("spec.workers.replicas", "2"), Apply);

        var other = JsonNode.Parse("""{"apiVersion": "aidc.dev/v1alpha1", "kind": "TrainingJob", "metadata": {"name": "digits"}, "spec": {"workers": {"replicas": 3}}}""")!;
        var (conflict, words) = await _server.SendAsync(HttpMethod.Patch, path + "?fieldManager=scaler", other, Apply);
        var (forced, _) = await _server.SendAsync(HttpMethod.Patch, path + "?fieldManager=scaler&force=true", other, Apply);
        var condition = """{"type": "Valid", "status": "True", "reason": "Valid", "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z"}""";
        var status = JsonNode.Parse($$$"""{"apiVersion": "aidc.dev/v1alpha1", "kind": "TrainingJob", "metadata": {"name": "digits"}, "status": {"phase": "Running", "conditions": [{{{condition}}}]}}""")!;
        var (written, _) = await _server.SendAsync(HttpMethod.Patch, path + "/status?fieldManager=operator", status, Apply);
        var (_, job) = await GetAsync(ns, "trainingjobs/digits");

        var managers = job["metadata"]!["managedFields"]!.AsArray().ToDictionary(m => m!["manager"]!.GetValue<string>(), m => m!);
        Assert.That(conflict, Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That(words["message"]!.GetValue<string>(), Does.Contain("git").And.Contain(".spec.workers.replicas"));
        Assert.That((forced, written), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.OK)));
        Assert.That(job["spec"]!["workers"]!["replicas"]!.GetValue<int>(), Is.EqualTo(3));
        Assert.That(managers["operator"]["subresource"]!.GetValue<string>(), Is.EqualTo("status"));
        Assert.That(managers["operator"]["fieldsV1"]!["f:status"]!["f:conditions"]!.AsObject().Select(f => f.Key), Does.Contain("""k:{"type":"Valid"}"""));
        Assert.That(managers["git"]["fieldsV1"]!["f:spec"]!["f:workers"]?["f:replicas"], Is.Null);
    }

    private Task<(HttpStatusCode Code, JsonObject Body)> CreateAsync(string plural, string ns, JsonObject manifest, string query = "") =>
        _server.SendAsync(HttpMethod.Post, ApiServer.PathOf(plural, ns) + query, manifest);

    private Task<(HttpStatusCode Code, JsonObject Body)> GetAsync(string ns, string path) => _server.SendAsync(HttpMethod.Get, ApiServer.PathOf(path, ns));

    private Task<(HttpStatusCode Code, JsonObject Body)> ScaleAsync(string ns, string path, int replicas) =>
        _server.SendAsync(HttpMethod.Patch, ApiServer.PathOf(path, ns) + "/scale", new JsonObject { ["spec"] = new JsonObject { ["replicas"] = replicas } }, Merge);

    /// <summary>What kubectl prints for the one object that there is: column and cell.</summary>
    private async Task<Dictionary<string, string>> ColumnsAsync(string ns, string plural)
    {
        var (_, table) = await _server.SendAsync(HttpMethod.Get, ApiServer.PathOf(plural, ns), accept: Table);
        var columns = table["columnDefinitions"]!.AsArray().Select(c => c!["name"]!.GetValue<string>());
        return columns.Zip(table["rows"]!.AsArray().Single()!["cells"]!.AsArray()).ToDictionary(c => c.First, c => c.Second?.ToString() ?? "");
    }
}
