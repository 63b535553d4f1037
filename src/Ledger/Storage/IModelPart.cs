using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Ledger.Storage;

/// <summary>
/// Adds the parts of a folder's model that its entity mappings do not cover: storage parameters, checks, the entities of a library.
/// Implementations are found by reflection.
/// </summary>
internal interface IModelPart
{
    /// <summary>Adds to the model. It is called before the mappings of the entities.</summary>
    void Map(ModelBuilder model, bool isPostgres);
}

internal static class ModelParts
{
    /// <summary>All parts, ordered by name, so that the model is the same in every process.</summary>
    public static IEnumerable<IModelPart> InThisAssembly => typeof(ModelParts).Assembly.GetTypes()
        .Where(type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IModelPart)))
        .OrderBy(type => type.FullName, StringComparer.Ordinal)
        .Select(type => (IModelPart)Activator.CreateInstance(type)!);
}
