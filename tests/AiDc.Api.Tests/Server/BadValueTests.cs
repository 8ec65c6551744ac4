using System.Net;
using System.Text.RegularExpressions;
using AiDc.Api.Schema;
using AiDc.Api.Tests.Validation;
using AiDc.Api.V1Alpha1;

namespace AiDc.Api.Tests.Server;

[TestFixture, Category("Integration")]
internal sealed partial class BadValueTests
{
    private static IEnumerable<BadValue> By(params Refusal[] who) => BadValues.All().Concat(ServiceBadValues.All()).Where(b => who.Contains(b.By));

    private static IEnumerable<BadValue> BySchema() => By(Refusal.AnyServer, Refusal.WrongType);

    private static IEnumerable<BadValue> ByRule() => By(Refusal.NewServer);

    private static IEnumerable<BadValue> ByValidator() => By(Refusal.ValidatorOnly);

    [TestCaseSource(nameof(BySchema))]
    public async Task Every_server_refuses_at_once_and_names_the_field(BadValue bad)
    {
        var (code, message) = await CreateAsync(bad);

        Assert.That(code, Is.EqualTo(HttpStatusCode.UnprocessableEntity), message);
        // Where an object is missing its first field, the server names that field.
        Assert.That(WithoutIndexes(message), Does.Contain(WithoutIndexes(bad.ErrorAt)));
    }

    [TestCaseSource(nameof(ByRule))]
    public async Task A_contradiction_is_refused_at_once_by_servers_that_know_rules(BadValue bad)
    {
        var (code, message) = await CreateAsync(bad);

        // Older ones take it, and the validator refuses it (its tests have the same table).
        Assert.That(code, Is.EqualTo(ApiServer.HasRules ? HttpStatusCode.UnprocessableEntity : HttpStatusCode.Created), message);
    }

    [TestCaseSource(nameof(ByValidator))]
    public async Task What_only_the_validator_can_know_is_taken(BadValue bad)
    {
        var (code, message) = await CreateAsync(bad);

        Assert.That(code, Is.EqualTo(HttpStatusCode.Created), message);
    }

    private static IEnumerable<string> Objects() => ObjectsIn(typeof(TrainingJobSpec), "spec");

    [TestCaseSource(nameof(Objects))]
    public async Task An_unknown_field_is_refused_by_kubectl_with_its_name(string path)
    {
        var ns = await ApiServer.NewNamespaceAsync();
        var manifest = Manifests.ForBuiltInTrainer().With($"{path}.noSuchField", "1");

        var (exit, output) = await ApiServer.KubectlWithInputAsync(manifest.ToJsonString(), "apply", "--validate=true", "-n", ns, "-f", "-");

        Assert.That(exit, Is.Not.Zero, output);
        Assert.That(output, Does.Contain("unknown field").And.Contain("noSuchField"));
        Assert.That((await ApiServer.SendAsync(HttpMethod.Get, ApiServer.JobsOf(ns))).Body["items"]!.AsArray(), Is.Empty);
    }

    private static IEnumerable<string> ServiceObjects() => ObjectsIn(typeof(InferenceServiceSpec), "spec");

    [TestCaseSource(nameof(ServiceObjects))]
    public async Task An_unknown_field_of_a_service_is_refused_by_kubectl_with_its_name(string path)
    {
        var ns = await ApiServer.NewNamespaceAsync();
        var manifest = Manifests.ForBuiltInServer().With($"{path}.noSuchField", "1");

        var (exit, output) = await ApiServer.KubectlWithInputAsync(manifest.ToJsonString(), "apply", "--validate=true", "-n", ns, "-f", "-");

        Assert.That(exit, Is.Not.Zero, output);
        Assert.That(output, Does.Contain("unknown field").And.Contain("noSuchField"));
    }

    private static async Task<(HttpStatusCode Code, string Message)> CreateAsync(BadValue bad)
    {
        var (code, body) = await ApiServer.SendAsync(HttpMethod.Post, ApiServer.PathOf(bad.Plural, "default") + "?dryRun=All", bad.Manifest());
        return (code, body["message"]?.GetValue<string>() ?? "");
    }

    /// <summary>Servers differ in whether they name the index.</summary>
    public static string WithoutIndexes(string text) => Indexes().Replace(text, "");

    /// <summary>The paths of all objects of ours in a type.</summary>
    public static IEnumerable<string> ObjectsIn(Type type, string path) => ApiField.Of(type).SelectMany(f =>
    {
        var isList = f.Type.IsGenericType;
        var inner = isList ? f.Type.GetGenericArguments()[0] : f.Type;
        return inner.Namespace == typeof(TrainingJob).Namespace && inner != typeof(PodTemplate)
            ? ObjectsIn(inner, $"{path}.{f.Name}{(isList ? "[0]" : "")}")
            : [];
    }).Prepend(path);

    [GeneratedRegex(@"\[\d+\]")]
    private static partial Regex Indexes();
}
