using AiDc.Api.Validation;

namespace AiDc.Api.Tests;

[TestFixture]
internal sealed class ExamplesTests
{
    private static readonly ValidationContext Context = new() { AllowedHostPaths = ["/srv/aidc"] };

    [TestCaseSource(typeof(Repository), nameof(Repository.Examples))]
    public void The_validator_has_nothing_to_say_about_an_example(string path)
    {
        var manifests = Manifests.Parse(Repository.Read(path)).ToLookup(m => m["kind"]!.GetValue<string>());
        var errors = manifests["TrainingJob"].SelectMany(j => TrainingJobValidator.Validate(Manifests.Read(j), Context))
            .Concat(manifests["InferenceService"].SelectMany(s => InferenceServiceValidator.Validate(Manifests.ReadService(s), Context)));

        Assert.That(manifests["TrainingJob"].Concat(manifests["InferenceService"]), path.EndsWith("storage.yaml", StringComparison.Ordinal) ? Is.Empty : Is.Not.Empty);
        Assert.That(errors, Is.Empty);
    }

    [TestCaseSource(typeof(Repository), nameof(Repository.Examples))]
    public void An_example_begins_with_a_comment_that_says_what_it_is_for(string path) =>
        Assert.That(Repository.Read(path), Does.StartWith("# "));
}
